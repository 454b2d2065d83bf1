//! Messages of LDAP (RFC 4511 §4), in the subset of BER they are written in (§5.1): definite lengths, short tags.

use zeroize::Zeroizing;

use super::super::Error;
use super::super::der::{ENUMERATED, INTEGER, OCTETS, Reader, SET, write};
use super::Question;
use crate::domain::secret::Secret;

pub(super) use super::super::der::SEQUENCE;

/// Content of a message as it was received.
pub(super) type Answer = Zeroizing<Vec<u8>>;

const BOOLEAN: u8 = 0x01;
const BIND: u8 = 0x60;
const BOUND: u8 = 0x61;
const UNBIND: u8 = 0x42;
const SEARCH: u8 = 0x63;
const ENTRY: u8 = 0x64;
const DONE: u8 = 0x65;
const REFERENCE: u8 = 0x73;
const EXTENDED: u8 = 0x77;
const EXTENDED_DONE: u8 = 0x78;
const INTERMEDIATE: u8 = 0x79;
const WHOLE_SUBTREE: u8 = 2;
const NEVER_FOLLOW_ALIASES: u8 = 0;

/// Most attributes of an entry, and values of one, that are looked at.
const MOST_VALUES: usize = 64;
/// Longest value kept, in bytes.
const LONGEST_VALUE: usize = 1024;

/// Which entries. Values are sent as they are, each in a field of its own: nothing in them can mean anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of these.
    All(Vec<Self>),
    /// Any of these.
    Any(Vec<Self>),
    /// The attribute has a value.
    Present(String),
    /// The attribute is this.
    Is(String, String),
    /// The attribute begins with this.
    Begins(String, String),
    /// These are somewhere in the attribute, in this order.
    Contains(String, Vec<String>),
}

impl Filter {
    fn written(&self) -> Vec<u8> {
        let text = |text: &String| write(OCTETS, &[text.as_bytes()]);
        let list = |tag, filters: &[Self]| {
            let parts: Vec<Vec<u8>> = filters.iter().map(Self::written).collect();
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            write(tag, &parts)
        };
        let pieces = |name, tag, values: &[String]| {
            let pieces: Vec<Vec<u8>> = values.iter().map(|value| write(tag, &[value.as_bytes()])).collect();
            write(0xa4, &[&text(name), &write(SEQUENCE, &[&pieces.concat()])])
        };
        match self {
            Self::All(filters) => list(0xa0, filters),
            Self::Any(filters) => list(0xa1, filters),
            Self::Is(name, value) => write(0xa3, &[&text(name), &text(value)]),
            Self::Begins(name, value) => pieces(name, 0x80, std::slice::from_ref(value)),
            Self::Contains(name, values) => pieces(name, 0x81, values),
            Self::Present(name) => write(0x87, &[name.as_bytes()]),
        }
    }
}

fn number(tag: u8, value: u32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len() - 1);
    let bytes = bytes.get(start..).unwrap_or_default();
    // a first bit that is set would make it negative
    match bytes.first() {
        Some(first) if first & 0x80 != 0 => write(tag, &[&[0], bytes]),
        _ => write(tag, &[bytes]),
    }
}

fn message(id: u32, operation: &[u8]) -> Vec<u8> {
    write(SEQUENCE, &[&number(INTEGER, id), operation])
}

pub(super) fn extended(id: u32, oid: &str) -> Vec<u8> {
    message(id, &write(EXTENDED, &[&write(0x80, &[oid.as_bytes()])]))
}

pub(super) fn bind(id: u32, user: &str, password: &Secret) -> Zeroizing<Vec<u8>> {
    let password = Zeroizing::new(write(0x80, &[password.expose().as_bytes()]));
    let user = write(OCTETS, &[user.as_bytes()]);
    let operation = Zeroizing::new(write(BIND, &[&number(INTEGER, 3), &user, &password]));
    Zeroizing::new(message(id, &operation))
}

pub(super) fn unbind(id: u32) -> Vec<u8> {
    message(id, &write(UNBIND, &[]))
}

pub(super) fn search(id: u32, question: &Question<'_>, seconds: u32) -> Vec<u8> {
    let names: Vec<Vec<u8>> = question.attributes.iter().map(|a| write(OCTETS, &[a.as_bytes()])).collect();
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let operation = write(
        SEARCH,
        &[
            &write(OCTETS, &[question.base.as_bytes()]),
            &write(ENUMERATED, &[&[WHOLE_SUBTREE]]),
            &write(ENUMERATED, &[&[NEVER_FOLLOW_ALIASES]]),
            &number(INTEGER, question.most),
            &number(INTEGER, seconds),
            &write(BOOLEAN, &[&[0]]),
            &question.filter.written(),
            &write(SEQUENCE, &names),
        ],
    );
    message(id, &operation)
}

/// Attributes of an entry with their values, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LdapEntry(Vec<(String, Vec<String>)>);

impl LdapEntry {
    /// The values of an attribute; names are the same in capitals, and options after `;` do not count.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| plain(known).eq_ignore_ascii_case(plain(name)));
        named.flat_map(|(_, values)| values.iter().map(String::as_str))
    }

    fn read(operation: &[u8]) -> Result<Self, Error> {
        let mut parts = Reader::new(operation);
        parts.value(OCTETS)?;
        let mut attributes = parts.enter(SEQUENCE)?;
        let mut entry = Self::default();
        while !attributes.is_empty() && entry.0.len() < MOST_VALUES {
            let mut attribute = attributes.enter(SEQUENCE)?;
            let name = text(attribute.value(OCTETS)?.content);
            let mut set = attribute.enter(SET)?;
            let mut values = Vec::new();
            while !set.is_empty() && values.len() < MOST_VALUES {
                let value = set.value(OCTETS)?.content;
                if value.len() <= LONGEST_VALUE {
                    values.push(text(value));
                }
            }
            entry.0.push((name, values));
        }
        Ok(entry)
    }
}

/// The name of an attribute without its options.
fn plain(name: &str) -> &str {
    name.split(';').next().unwrap_or_default()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a server says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Response {
    Bound(u32),
    Extended(u32),
    Entry(LdapEntry),
    /// Something that lies on another server, or a word in between.
    Elsewhere,
    Done(u32),
}

impl Response {
    /// Reads the answer to a message of ours.
    pub(super) fn read(content: &[u8], asked: u32) -> Result<Self, Error> {
        let mut parts = Reader::new(content);
        let id = value_of(parts.value(INTEGER)?.content)?;
        let operation = parts.any()?;
        if id != asked {
            // notice of disconnection (RFC 4511 §4.4.1), or nothing we know
            return Err(if id == 0 { Error::Closed } else { super::unexpected() });
        }
        Ok(match operation.tag {
            BOUND => Self::Bound(code(operation.content)?),
            EXTENDED_DONE => Self::Extended(code(operation.content)?),
            DONE => Self::Done(code(operation.content)?),
            ENTRY => Self::Entry(LdapEntry::read(operation.content)?),
            REFERENCE | INTERMEDIATE => Self::Elsewhere,
            _ => return Err(super::unexpected()),
        })
    }
}

fn code(operation: &[u8]) -> Result<u32, Error> {
    value_of(Reader::new(operation).value(ENUMERATED)?.content)
}

/// A number that is not negative.
fn value_of(bytes: &[u8]) -> Result<u32, Error> {
    let is_number = (1..=5).contains(&bytes.len()) && bytes.first().is_some_and(|b| b & 0x80 == 0);
    let value = bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    u32::try_from(value).ok().filter(|_| is_number).ok_or_else(super::unexpected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_written_as_the_standard_has_it() {
        let attributes = ["mail".to_owned()];
        let filter = Filter::All(vec![
            Filter::Present("mail".to_owned()),
            Filter::Any(vec![
                Filter::Begins("sn".to_owned(), "*)(".to_owned()),
                Filter::Contains("sn".to_owned(), vec![" a".to_owned()]),
            ]),
            Filter::Is("l".to_owned(), "é".to_owned()),
        ]);
        let question = Question { base: "dc=fr", filter, attributes: &attributes, most: 200 };
        let written = search(2, &question, 15);
        let hex: String = written.iter().map(|byte| format!("{byte:02x}")).collect();
        // field by field by hand from RFC 4511
        let expected = [
            "3050",
            "020102",
            "634b",
            "040564633d6672",
            "0a0102",
            "0a0100",
            "020200c8",
            "02010f",
            "010100",
            "a02a",
            "87046d61696c",
            "a119",
            "a40b0402736e3005",
            "80032a2928",
            "a40a0402736e3004",
            "81022061",
            "a30704016c0402c3a9",
            "3006",
            "04046d61696c",
        ];
        assert_eq!(hex, expected.concat());
    }

    #[test]
    fn numbers_are_never_negative_on_the_line() {
        for (value, expected) in [
            (0, &[INTEGER, 1, 0][..]),
            (127, &[INTEGER, 1, 127]),
            (128, &[INTEGER, 2, 0, 128]),
            (u32::MAX, &[INTEGER, 5, 0, 255, 255, 255, 255]),
        ] {
            let written = number(INTEGER, value);
            assert_eq!(written, expected);
            assert_eq!(value_of(&written[2..]).unwrap(), value);
        }
        for bad in [&[][..], &[0x80], &[1, 0, 0, 0, 0], &[0; 6]] {
            assert!(value_of(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_entry_is_read_with_its_names_in_any_case() {
        let octets = |text: &str| write(OCTETS, &[text.as_bytes()]);
        let attribute = |name: &str, values: &[&str]| {
            let values: Vec<Vec<u8>> = values.iter().map(|v| octets(v)).collect();
            let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
            write(SEQUENCE, &[&octets(name), &write(SET, &values)])
        };
        let long = "x".repeat(LONGEST_VALUE + 1);
        let attributes = write(
            SEQUENCE,
            &[
                &attribute("SN", &["LE GALL", &long]),
                &attribute("l;lang-fr", &["Brest"]),
                &attribute("o", &[]),
            ],
        );
        let content = [number(INTEGER, 3), write(ENTRY, &[&octets("dn"), &attributes])].concat();
        let Response::Entry(entry) = Response::read(&content, 3).unwrap() else { panic!("an entry") };
        assert_eq!(entry.values("sn").collect::<Vec<_>>(), ["LE GALL"]);
        assert_eq!(entry.values("L").collect::<Vec<_>>(), ["Brest"]);
        assert_eq!(entry.values("mail").count(), 0);
        assert!(matches!(Response::read(&content, 4), Err(Error::Protocol(_))));
    }
}
