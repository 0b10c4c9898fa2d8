//! Reading.

use std::fmt::Display;

use serde::de::{self, DeserializeSeed, Deserializer, Expected, IntoDeserializer as _, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::Unfit;

/// Deepest nesting: more would only be meant to exhaust the stack.
const MAX_DEPTH: u8 = 64;

// Nothing is formatted: each of these would otherwise put its words together.
impl de::Error for Unfit {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// A text and how far it is read.
pub(super) struct Reader<'t> {
    /// What is left.
    rest: &'t str,
    /// How many arrays and objects are open.
    depth: u8,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text, depth: 0 }
    }

    /// Nothing may follow but space.
    pub(super) fn end(&mut self) -> Result<(), Unfit> {
        self.peek().map_or(Ok(()), |_| Err(Unfit))
    }

    /// The next byte that is no space; 0 stands in no JSON.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
        self.rest.bytes().next()
    }

    /// Goes over `bytes` bytes and gives them.
    fn take(&mut self, bytes: usize) -> Result<&'t str, Unfit> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(Unfit)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Goes over a word if it comes next.
    fn eat(&mut self, word: &str) -> bool {
        self.peek();
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, word: &str) -> Result<(), Unfit> {
        if self.eat(word) { Ok(()) } else { Err(Unfit) }
    }

    /// A string with its quotes, and whatever is escaped in it.
    fn string(&mut self) -> Result<String, Unfit> {
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            let plain = self.rest.find(|c: char| c == '"' || c == '\\' || c < ' ').ok_or(Unfit)?;
            text.push_str(self.take(plain)?);
            match self.take(1)? {
                "\"" => return Ok(text),
                "\\" => text.push(self.escaped()?),
                _ => return Err(Unfit),
            }
        }
    }

    /// The character that stands after a backslash.
    fn escaped(&mut self) -> Result<char, Unfit> {
        Ok(match self.take(1)? {
            "n" => '\n',
            "t" => '\t',
            "r" => '\r',
            "b" => '\u{8}',
            "f" => '\u{c}',
            "u" => {
                let first = self.hex()?;
                if !(0xD800..0xDC00).contains(&first) {
                    return char::from_u32(first).ok_or(Unfit);
                }
                // What does not fit into 16 bits comes as two halves.
                if self.take(2)? != "\\u" {
                    return Err(Unfit);
                }
                let second = self.hex()?.checked_sub(0xDC00).filter(|second| *second < 0x400).ok_or(Unfit)?;
                return char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + second).ok_or(Unfit);
            }
            itself @ ("\"" | "\\" | "/") => return itself.chars().next().ok_or(Unfit),
            _ => return Err(Unfit),
        })
    }

    fn hex(&mut self) -> Result<u32, Unfit> {
        let digits = self.take(4)?;
        if digits.starts_with('+') {
            return Err(Unfit);
        }
        u32::from_str_radix(digits, 16).map_err(|_| Unfit)
    }

    /// The digits that come next, at least one.
    fn digits(&mut self) -> Result<&'t str, Unfit> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 { Err(Unfit) } else { self.take(count) }
    }

    /// A number; whole ones exactly.
    fn number<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Unfit> {
        let negative = self.eat("-");
        let whole = self.digits()?;
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(Unfit);
        }
        if !self.rest.starts_with(['.', 'e', 'E']) {
            match whole.parse::<u64>() {
                Ok(value @ 1..) if negative => {
                    return visitor.visit_i64(0_i64.checked_sub_unsigned(value).ok_or(Unfit)?);
                }
                Ok(value) if !negative => return visitor.visit_u64(value),
                // Too large, or less than nothing by no amount: as near as it can be had.
                _ => {}
            }
        }
        let fraction = if self.rest.starts_with('.') {
            self.take(1)?;
            self.digits()?
        } else {
            ""
        };
        let digits = whole.bytes().chain(fraction.bytes());
        let mantissa = digits.fold(0.0, |sum: f64, digit| sum * 10.0 + f64::from(digit - b'0'));
        let mut power = 0;
        if self.rest.starts_with(['e', 'E']) {
            self.take(1)?;
            let sign = if self.rest.starts_with(['+', '-']) { self.take(1)? } else { "" };
            power = self.digits()?.parse().unwrap_or(i32::MAX / 2);
            power = if sign == "-" { -power } else { power };
        }
        let power = power.saturating_sub(i32::try_from(fraction.len()).map_err(|_| Unfit)?);
        let value = if power < 0 { mantissa / 10_f64.powi(-power) } else { mantissa * 10_f64.powi(power) };
        visitor.visit_f64(if negative { -value } else { value })
    }

    /// The inside of an array or an object.
    fn nested<T>(&mut self, inside: impl FnOnce(Items<'_, 't>) -> Result<T, Unfit>) -> Result<T, Unfit> {
        self.take(1)?;
        if self.depth == MAX_DEPTH {
            return Err(Unfit);
        }
        self.depth += 1;
        let value = inside(Items { reader: self, first: true });
        self.depth -= 1;
        value
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'_> {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.peek() {
            Some(b'"') => visitor.visit_string(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number(visitor),
            Some(b'[') => {
                let value = self.nested(|items| visitor.visit_seq(items))?;
                self.expect("]")?;
                Ok(value)
            }
            Some(b'{') => {
                let value = self.nested(|items| visitor.visit_map(items))?;
                self.expect("}")?;
                Ok(value)
            }
            _ if self.eat("null") => visitor.visit_unit(),
            _ if self.eat("true") => visitor.visit_bool(true),
            _ if self.eat("false") => visitor.visit_bool(false),
            _ => Err(Unfit),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if self.eat("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_enum(self.string()?.into_deserializer())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// What stands between the brackets.
struct Items<'a, 't> {
    reader: &'a mut Reader<'t>,
    first: bool,
}

impl Items<'_, '_> {
    /// Goes on to the next item, if there is one before the bracket that closes.
    fn next(&mut self, close: u8) -> Result<bool, Unfit> {
        let first = std::mem::replace(&mut self.first, false);
        if self.reader.peek() == Some(close) {
            return Ok(false);
        }
        if !first {
            self.reader.expect(",")?;
        }
        Ok(true)
    }
}

impl<'de> de::SeqAccess<'de> for Items<'_, '_> {
    type Error = Unfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unfit> {
        if self.next(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> de::MapAccess<'de> for Items<'_, '_> {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfit> {
        if self.next(b'}')? {
            let key = self.reader.string()?;
            self.reader.expect(":")?;
            seed.deserialize(key.into_deserializer()).map(Some)
        } else {
            Ok(None)
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unfit> {
        seed.deserialize(&mut *self.reader)
    }
}
