//! Styles inside of the document: what is drawn into it would else wait for ten files.

use std::fmt::Write as _;

/// The document with what its style sheets say in the place of the links to them; `file` has their texts. One that it does
/// not have stays a link.
pub(super) fn inlined(html: &str, nonce: &str, file: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len() + 40_000);
    let mut rest = html;
    while let Some(at) = rest.find("<link ") {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (tag, after) = tag.split_at(end);
        // What ends the element early would not be style any more.
        match sheet(tag).and_then(file).filter(|style| !style.contains("</")) {
            Some(style) => {
                let _ = write!(out, "<style nonce=\"{nonce}\">{style}</style>");
            }
            None => out.push_str(tag),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The file that a link to a style sheet names.
fn sheet(tag: &str) -> Option<&str> {
    let inside = tag.trim_start_matches("<link ").trim_end_matches('>');
    let value = |name: &str| {
        inside.split_ascii_whitespace().find_map(|attribute| {
            let (key, value) = attribute.split_once('=')?;
            (key == name).then(|| value.trim_matches('"').trim_end_matches('/'))
        })
    };
    (value("rel") == Some("stylesheet")).then(|| value("href"))?.map(|href| href.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_sheets_are_put_in_their_place_and_nothing_else_is_touched() {
        let html = "<head><link href=/icon.svg rel=icon><link href=/a-1.css integrity=sha384-x= rel=stylesheet>\
            <link rel=\"stylesheet\" href=\"/b.css\" /><link rel=stylesheet href=/gone.css></head><body>";
        let file = |name: &str| match name {
            "a-1.css" => Some("a{color:red}".to_owned()),
            "b.css" => Some("b>i{top:0}".to_owned()),
            _ => None,
        };
        let wanted = "<head><link href=/icon.svg rel=icon><style nonce=\"n\">a{color:red}</style>\
            <style nonce=\"n\">b>i{top:0}</style><link rel=stylesheet href=/gone.css></head><body>";
        assert_eq!(inlined(html, "n", &file), wanted);
        assert_eq!(inlined("<p>", "n", &file), "<p>");
        let evil = inlined("<link rel=stylesheet href=/a>", "n", &|_| Some("</style><script>".to_owned()));
        assert_eq!(evil, "<link rel=stylesheet href=/a>");
    }
}
