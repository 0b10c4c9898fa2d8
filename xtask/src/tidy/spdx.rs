//! Licence expressions as SPDX writes them: `MIT OR (Apache-2.0 WITH LLVM-exception AND ISC)`.

use anyhow::{Result, bail};

/// An expression.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expression {
    /// One licence, with its exception (`Apache-2.0 WITH LLVM-exception`).
    Licence(String),
    /// All hold.
    All(Vec<Expression>),
    /// One may be chosen.
    Any(Vec<Expression>),
}

impl Expression {
    /// Reads an expression. The slash of old manifests means `OR`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut words = &words[..];
        let expression = any(&mut words)?;
        if let Some(word) = words.first() {
            bail!("`{word}` is one too many in the licence `{text}`");
        }
        Ok(expression)
    }

    /// Whether it can be met with licences that are allowed.
    pub(super) fn holds(&self, allowed: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Licence(name) => allowed(name),
            Self::All(parts) => parts.iter().all(|part| part.holds(allowed)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(allowed)),
        }
    }
}

fn any(words: &mut &[&str]) -> Result<Expression> {
    let mut parts = vec![all(words)?];
    while take(words, "OR") {
        parts.push(all(words)?);
    }
    Ok(single_or(parts, Expression::Any))
}

fn all(words: &mut &[&str]) -> Result<Expression> {
    let mut parts = vec![one(words)?];
    while take(words, "AND") {
        parts.push(one(words)?);
    }
    Ok(single_or(parts, Expression::All))
}

fn one(words: &mut &[&str]) -> Result<Expression> {
    if take(words, "(") {
        let inner = any(words)?;
        if !take(words, ")") {
            bail!("a licence with a parenthesis that does not close");
        }
        return Ok(inner);
    }
    let mut name = name(words)?;
    if take(words, "WITH") {
        name = format!("{name} WITH {}", self::name(words)?);
    }
    Ok(Expression::Licence(name))
}

fn name(words: &mut &[&str]) -> Result<String> {
    match words.split_first() {
        Some((word, rest)) if !["AND", "OR", "WITH", "(", ")"].contains(word) => {
            *words = rest;
            Ok((*word).to_owned())
        }
        Some((word, _)) => bail!("`{word}` stands where a licence should"),
        None => bail!("a licence is missing at the end"),
    }
}

fn take(words: &mut &[&str], word: &str) -> bool {
    let found = words.first() == Some(&word);
    if found {
        *words = &words[1..];
    }
    found
}

fn single_or(mut parts: Vec<Expression>, many: fn(Vec<Expression>) -> Expression) -> Expression {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        Expression::parse(text).unwrap().holds(&|name| ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].contains(&name))
    }

    #[test]
    fn one_choice_or_all_parts() {
        assert!(holds("MIT") && !holds("GPL-3.0-only"));
        assert!(holds("GPL-3.0-only OR MIT") && holds("GPL-2.0/MIT"));
        assert!(holds("MIT AND ISC") && !holds("MIT AND GPL-3.0-only"));
        assert!(holds("GPL-2.0 OR MIT AND ISC"), "AND binds more tightly");
        assert!(!holds("(GPL-2.0 OR MIT) AND GPL-2.0") && holds("(GPL-2.0 OR MIT) AND ISC"));
        assert!(holds("Apache-2.0 WITH LLVM-exception") && !holds("Apache-2.0"));
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in ["", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT ISC", "MIT WITH"] {
            assert!(Expression::parse(text).is_err(), "{text:?}");
        }
    }
}
