//! `application/x-www-form-urlencoded`, both ways.

use zeroize::Zeroizing;

/// Name and value pairs joined, in memory that is wiped: some are secrets. The room for the longest form they can take is
/// there from the start, so that no copy is left behind by a growing buffer.
pub(super) fn encode(pairs: &[(&str, &str)]) -> Zeroizing<String> {
    let room = pairs.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let mut text = Zeroizing::new(String::with_capacity(room));
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        escape(&mut text, name);
        text.push('=');
        escape(&mut text, value);
    }
    text
}

fn escape(text: &mut String, part: &str) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or('0');
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push(digit(byte >> 4));
            text.push(digit(byte & 15));
        }
    }
}

/// The pairs of a query. `None` when it is not UTF-8 or an escape is broken.
pub(super) fn decode(query: &str) -> Option<Vec<(String, Zeroizing<String>)>> {
    query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

fn pair(text: &str) -> Option<(String, Zeroizing<String>)> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    Some((unescape(name)?, Zeroizing::new(unescape(value)?)))
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut half = || char::from(rest.next()?).to_digit(16);
                u8::try_from(half()? * 16 + half()?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_written_and_read_back() {
        let text = encode(&[("a", "é &=+"), ("b", ""), ("scope", "openid x")]);
        assert_eq!(*text, "a=%C3%A9%20%26%3D%2B&b=&scope=openid%20x");
        let pairs = decode(&text).unwrap();
        assert_eq!(pairs[0], ("a".to_owned(), Zeroizing::new("é &=+".to_owned())));
        assert_eq!(pairs.len(), 3);
        assert_eq!(*decode("a=b+c").unwrap()[0].1, "b c");
    }

    #[test]
    fn a_broken_query_is_nothing() {
        for broken in ["a=%", "a=%4", "a=%zz", "a=%ff"] {
            assert!(decode(broken).is_none(), "{broken}");
        }
        assert_eq!(decode("").unwrap(), []);
    }
}
