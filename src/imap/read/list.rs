//! LIST and NAMESPACE responses.

use super::Cursor;
use crate::domain::folder::Namespace;
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
    let name = cursor.astring()?;
    // no string of the protocol has one (RFC 3501, CHAR8)
    (!name.contains(&0)).then_some(Listed { attributes, delimiter, name })
}

/// A namespace (RFC 2342): where whose folders begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Space {
    pub(crate) of: Namespace,
    pub(crate) prefix: Vec<u8>,
    pub(crate) delimiter: Option<u8>,
}

/// Reads `* NAMESPACE (("INBOX." ".")) (("~" "/")) (("#shared/" "/"))`, in the server's order: what cannot be read
/// ends the list.
pub(crate) fn namespaces(response: &mut Response) -> Vec<Space> {
    let mut cursor = Cursor::new(response);
    let mut found = Vec::new();
    if cursor.atom().and(cursor.atom()).is_some() {
        for of in [Namespace::Personal, Namespace::Others, Namespace::Shared] {
            if class(&mut cursor, of, &mut found).is_none() {
                break;
            }
        }
    }
    found
}

/// NIL, or a list of namespaces of one class.
fn class(cursor: &mut Cursor<'_>, of: Namespace, found: &mut Vec<Space>) -> Option<()> {
    if cursor.take(b'(').is_none() {
        return cursor.skip_value();
    }
    while cursor.take(b')').is_none() {
        cursor.take(b'(')?;
        let prefix = cursor.string()?;
        let delimiter = cursor.nstring()?.and_then(|d| d.first().copied());
        // extensions (RFC 2342 §5)
        while cursor.take(b')').is_none() {
            cursor.skip_value()?;
        }
        found.push(Space { of, prefix, delimiter });
    }
    Some(())
}

/// Reads `* MYRIGHTS name lrswi` (RFC 4314).
pub(crate) fn my_rights(response: &mut Response) -> Option<String> {
    let mut cursor = Cursor::new(response);
    cursor.atom()?;
    cursor.atom()?;
    cursor.astring()?;
    let letters = cursor.astring()?;
    letters.iter().all(u8::is_ascii_alphanumeric).then(|| String::from_utf8_lossy(&letters).into_owned())
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
        for bad in ["* LIST", "* LIST (", "* LIST () \"/\"", "* LIST () / x", "* LIST () NIL \"\0a\""] {
            assert_eq!(list(&mut response(bad, &[])), None, "{bad}");
        }
    }

    #[test]
    fn namespaces_of_every_class_are_read() {
        let read = |t| {
            let found = namespaces(&mut response(t, &[]));
            found
                .into_iter()
                .map(|s| (s.of, String::from_utf8(s.prefix).unwrap(), s.delimiter))
                .collect::<Vec<_>>()
        };
        use Namespace::{Others, Personal, Shared};
        assert_eq!(
            read(r#"* NAMESPACE (("INBOX." ".")) NIL NIL"#),
            [(Personal, "INBOX.".into(), Some(b'.'))]
        );
        assert_eq!(
            read(r#"* NAMESPACE (("" "/" "X" ("y"))) NIL NIL"#),
            [(Personal, String::new(), Some(b'/'))]
        );
        assert_eq!(
            read(r##"* NAMESPACE NIL (("~" "/")) (("#shared/" "/")("#public/" NIL))"##),
            [
                (Others, "~".into(), Some(b'/')),
                (Shared, "#shared/".into(), Some(b'/')),
                (Shared, "#public/".into(), None)
            ]
        );
        for bad in ["* NAMESPACE", "* NAMESPACE (", "* NAMESPACE ((", "* NAMESPACE NIL NIL NIL"] {
            assert_eq!(read(bad), [], "{bad}");
        }
    }

    #[test]
    fn rights_are_read() {
        let read = |t| my_rights(&mut response(t, &[]));
        assert_eq!(read("* MYRIGHTS \"Service urgences\" lrswi").as_deref(), Some("lrswi"));
        assert_eq!(read("* MYRIGHTS INBOX \"\"").as_deref(), Some(""));
        assert_eq!(read("* MYRIGHTS INBOX"), None);
        assert_eq!(read("* MYRIGHTS INBOX \"l r\""), None);
    }
}
