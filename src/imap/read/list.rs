//! LIST and NAMESPACE responses.

use super::Cursor;
use crate::imap::guard::Response;

/// One line of a LIST answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Attributes in lower case, with their backslash.
    pub(crate) attributes: Vec<String>,
    /// `None` when names are flat.
    pub(crate) delimiter: Option<u8>,
    pub(crate) name: Vec<u8>,
}

/// Attributes kept of one folder, and the longest in bytes; a dozen exist.
const ATTRIBUTES: usize = 40;

/// Reads `* LIST (…) "/" name …`; extended data after the name is left out.
pub(crate) fn list(response: &mut Response) -> Option<Listed> {
    let mut cursor = Cursor::new(response);
    cursor.atom()?;
    cursor.atom()?;
    cursor.take(b'(')?;
    let mut attributes = Vec::new();
    while cursor.take(b')').is_none() {
        let attribute = cursor.atom()?;
        if attributes.len() < ATTRIBUTES && attribute.len() <= ATTRIBUTES {
            attributes.push(String::from_utf8_lossy(attribute).to_ascii_lowercase());
        }
    }
    let delimiter = cursor.nstring()?.and_then(|d| d.first().copied());
    Some(Listed { attributes, delimiter, name: cursor.astring()? })
}

/// Prefix of the first personal namespace: `* NAMESPACE (("INBOX." ".")) NIL NIL`.
pub(crate) fn namespace(response: &mut Response) -> Option<Vec<u8>> {
    let mut cursor = Cursor::new(response);
    cursor.atom()?;
    cursor.atom()?;
    cursor.take(b'(')?;
    cursor.take(b'(')?;
    cursor.string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(text: &str, literals: &[&str]) -> Response {
        Response {
            text: text.as_bytes().to_vec(),
            literals: literals.iter().map(|l| l.as_bytes().to_vec()).collect(),
        }
    }

    #[test]
    fn folders_are_read_in_every_form() {
        for (text, literals, attributes, delimiter, name) in [
            (
                r#"* LIST (\HasNoChildren \Sent) "/" Sent"#,
                vec![],
                vec!["\\hasnochildren", "\\sent"],
                Some(b'/'),
                "Sent",
            ),
            (r#"* LIST () "." "INBOX.a \"b\" \\c""#, vec![], vec![], Some(b'.'), r#"INBOX.a "b" \c"#),
            (r#"* LIST () "\\" x"#, vec![], vec![], Some(b'\\'), "x"),
            ("* LIST () NIL {5}\r\n", vec!["a\"\\b("], vec![], None, "a\"\\b("),
            (
                r#"* LIST (\Subscribed) "/" x ("CHILDINFO" ("SUBSCRIBED"))"#,
                vec![],
                vec!["\\subscribed"],
                Some(b'/'),
                "x",
            ),
        ] {
            let listed = list(&mut response(text, &literals)).unwrap();
            assert_eq!(listed.attributes, attributes, "{text}");
            assert_eq!((listed.delimiter, listed.name.as_slice()), (delimiter, name.as_bytes()), "{text}");
        }
        for bad in ["* LIST", "* LIST (", "* LIST () \"/\"", "* LIST () / x"] {
            assert_eq!(list(&mut response(bad, &[])), None, "{bad}");
        }
    }

    #[test]
    fn the_personal_namespace_is_read() {
        let read = |t| namespace(&mut response(t, &[]));
        assert_eq!(read(r#"* NAMESPACE (("INBOX." ".")) NIL NIL"#), Some(b"INBOX.".to_vec()));
        assert_eq!(read(r#"* NAMESPACE (("" "/" "X" ("y"))) NIL NIL"#), Some(vec![]));
        assert_eq!(read("* NAMESPACE NIL NIL NIL"), None);
    }
}
