//! Contacts as files other programs read: vCard 4.0 (RFC 6350) and CSV with `;`, as French spreadsheets take it. What is
//! read comes from strangers: its size and counts are bounded, and a card without an address is counted, not an error.

use std::fmt::Write;

use super::{Contact, MAX_GROUP_NAME, MAX_NOTE, Preferred};
use crate::domain::address::EmailAddress;
use crate::domain::filing::rule::Subject;
use crate::domain::text::{one_line, without_deceptive};

/// Largest file read, in bytes.
pub const MAX_FILE: usize = 8 << 20;
/// Most contacts read of a file.
pub const MAX_CONTACTS: usize = 10_000;
/// Most addresses or groups read of a contact.
const MAX_VALUES: usize = 50;
/// Longest name and key, in bytes.
const MAX_NAME: usize = 300;
/// Most columns of a table: those of other programs have about a hundred.
const MAX_COLUMNS: usize = 500;
/// Property that carries the national identifier, so that a contact finds its person again.
const KEY: &str = "X-ESTAFETTE-KEY";
/// Property of a favourite.
const FAVOURITE: &str = "X-ESTAFETTE-FAVOURITE";
/// Property of the mailbox preferred for a kind of document: `pdf=address`.
const PREFERRED: &str = "X-ESTAFETTE-PREFERRED";
/// The word beside those of kinds for whatever is written.
const ANY: &str = "any";
/// Columns of the CSV file.
const COLUMNS: [&str; 12] = [
    "Identifiant",
    "Nom",
    "Prénom",
    "Profession",
    "Spécialité",
    "Structure",
    "Ville",
    "Adresses",
    "Préférences",
    "Favori",
    "Groupes",
    "Note",
];

/// A contact of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Key of the person, when the file was written by this program.
    pub key: Option<String>,
    /// Name to show where the annuaire has none.
    pub name: String,
    /// Addresses, the preferred one first.
    pub addresses: Vec<EmailAddress>,
    /// Which of them to write to, by what is written.
    pub preferred: Preferred,
    /// Kept among the favourites.
    pub favourite: bool,
    /// Groups they are in.
    pub groups: Vec<String>,
    /// The user's words.
    pub note: String,
}

/// Contacts of a file, and how many of it have no address one can write to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What was read.
    pub contacts: Vec<Imported>,
    /// Entries without a usable address.
    pub without_address: u32,
}

/// The file is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Neither vCard nor a table with a column of addresses.
    #[error("neither vCard nor CSV with addresses")]
    Form,
    /// Larger than any list of contacts.
    #[error("too large")]
    TooLarge,
}

/// Contacts as vCards.
pub fn to_vcard(contacts: &[Contact]) -> String {
    let mut out = String::new();
    for contact in contacts {
        let person = &contact.person;
        let mut line = |name: &str, value: &str| {
            if !value.is_empty() {
                fold_line(&mut out, &format!("{name}:{value}"));
            }
        };
        line("BEGIN", "VCARD");
        line("VERSION", "4.0");
        line("FN", &escaped(&person.display_name()));
        let name = [&*person.family_name, &person.given_name, "", &person.title, ""];
        line("N", &name.map(escaped).join(";"));
        if person.is_organisation() {
            line("KIND", "org");
        }
        line("TITLE", &escaped(&person.profession));
        line("ROLE", &escaped(&person.specialties.join(", ")));
        for mailbox in &person.mailboxes {
            let preferred = contact.preferred.any.as_ref() == Some(&mailbox.address);
            line(if preferred { "EMAIL;PREF=1" } else { "EMAIL" }, &escaped(mailbox.address.as_str()));
        }
        let structures = person.mailboxes.iter().find(|m| !m.structure.is_empty());
        line("ORG", &structures.map(|m| escaped(&m.structure)).unwrap_or_default());
        for place in &person.places {
            let parts = ["", "", &place.street, &place.city, "", &place.postal_code, ""];
            line("ADR", &parts.map(escaped).join(";"));
            line("TEL", &escaped(&place.phone));
        }
        let groups: Vec<String> = contact.groups.iter().map(|g| escaped(g)).collect();
        line("CATEGORIES", &groups.join(","));
        line("NOTE", &escaped(&contact.note));
        for (kind, address) in contact.preferred.each() {
            line(PREFERRED, &escaped(&preference(kind, address)));
        }
        line(KEY, &escaped(&person.key));
        line(FAVOURITE, if contact.favourite { "1" } else { "" });
        line("END", "VCARD");
    }
    out
}

/// Contacts as a table.
pub fn to_csv(contacts: &[Contact]) -> String {
    // the mark tells spreadsheets that the text is UTF-8
    let mut out = format!("\u{feff}{}\r\n", COLUMNS.join(";"));
    for contact in contacts {
        let person = &contact.person;
        let mut addresses: Vec<&str> = person.mailboxes.iter().map(|m| m.address.as_str()).collect();
        addresses.sort_by_key(|a| contact.preferred.any.as_ref().is_none_or(|p| p.as_str() != *a));
        let preferred: Vec<String> =
            contact.preferred.each().map(|(kind, address)| preference(kind, address)).collect();
        let structure = person.mailboxes.iter().find(|m| !m.structure.is_empty());
        let cells = [
            person.key.as_str(),
            &person.family_name,
            &person.given_name,
            &person.profession,
            &person.specialties.join(", "),
            structure.map_or("", |m| &m.structure),
            person.town().map_or("", |(city, _)| city),
            &addresses.join(" "),
            &preferred.join(" "),
            if contact.favourite { "oui" } else { "" },
            &contact.groups.join(", "),
            &contact.note,
        ];
        let _ = write!(out, "{}\r\n", cells.map(cell).join(";"));
    }
    out
}

/// Reads vCards or a table, told apart by the beginning.
///
/// # Errors
/// [`Unreadable`].
pub fn read(bytes: &[u8]) -> Result<Reading, Unreadable> {
    if bytes.len() > MAX_FILE {
        return Err(Unreadable::TooLarge);
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        // older spreadsheets write Latin-1
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    };
    let is_vcard = text.trim_start().get(..11).is_some_and(|t| t.eq_ignore_ascii_case("BEGIN:VCARD"));
    if is_vcard { Ok(read_vcards(&text)) } else { read_csv(&text) }
}

impl Reading {
    fn take(&mut self, mut contact: Imported) {
        contact.name = one_line(&contact.name);
        contact.name.truncate(contact.name.floor_char_boundary(MAX_NAME));
        contact.key = contact.key.filter(|key| key.len() <= MAX_NAME);
        contact.note = without_deceptive(&contact.note);
        contact.note.truncate(contact.note.floor_char_boundary(MAX_NOTE));
        contact.groups.iter_mut().for_each(|name| *name = one_line(name));
        contact.groups.retain(|name| !name.is_empty() && name.len() <= MAX_GROUP_NAME);
        contact.groups.truncate(MAX_VALUES);
        contact.addresses.truncate(MAX_VALUES);
        if contact.addresses.is_empty() {
            self.without_address += 1;
        } else if self.contacts.len() < MAX_CONTACTS {
            self.contacts.push(contact);
        }
    }
}

fn read_vcards(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut contact = Imported::default();
    for line in unfolded(text) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let mut parts = name.split(';');
        let property = parts.next().unwrap_or_default().rsplit('.').next().unwrap_or_default();
        let parameters: Vec<String> = parts.map(str::to_ascii_uppercase).collect();
        match property.to_ascii_uppercase().as_str() {
            "BEGIN" => contact = Imported::default(),
            "FN" => contact.name = unescaped(value),
            "EMAIL" => {
                let address = unescaped(value);
                let address = address.trim().trim_start_matches("mailto:");
                if let Ok(address) = EmailAddress::parse(address) {
                    let preferred = parameters.iter().any(|p| p.starts_with("PREF") || p.ends_with("PREF"));
                    let at = if preferred { 0 } else { contact.addresses.len() };
                    if preferred {
                        contact.preferred.any = Some(address.clone());
                    }
                    contact.addresses.insert(at, address);
                    contact.addresses.truncate(MAX_VALUES);
                }
            }
            "CATEGORIES" => {
                contact.groups = split_escaped(value).into_iter().map(|g| unescaped(&g)).collect();
            }
            "NOTE" => contact.note = unescaped(value),
            KEY => contact.key = Some(unescaped(value)),
            FAVOURITE => contact.favourite = value.trim() == "1",
            PREFERRED => read_preference(&mut contact.preferred, &unescaped(value)),
            "END" => reading.take(std::mem::take(&mut contact)),
            _ => {}
        }
    }
    reading
}

fn read_csv(text: &str) -> Result<Reading, Unreadable> {
    let separator = if text.lines().next().unwrap_or_default().contains(';') { ';' } else { ',' };
    let mut rows = table(text, separator).into_iter();
    let header: Vec<String> =
        rows.next().unwrap_or_default().iter().map(|name| name.trim().to_lowercase()).collect();
    let column = |names: &[&str]| header.iter().position(|h| names.contains(&h.as_str()));
    let addresses = column(&[
        "adresses",
        "adresse",
        "email",
        "e-mail",
        "mail",
        "courriel",
        "adresse mail",
        "e-mail 1 - value",
    ]);
    let Some(addresses) = addresses else { return Err(Unreadable::Form) };
    let (key, family, given) = (
        column(&["identifiant"]),
        column(&["nom", "name", "last name", "nom de famille"]),
        column(&["prénom", "prenom", "first name", "given name"]),
    );
    let preferred = column(&["préférences"]);
    let (favourite, groups, note) =
        (column(&["favori"]), column(&["groupes", "groupe", "group membership"]), column(&["note", "notes"]));
    let mut reading = Reading::default();
    for row in rows.filter(|row| row.iter().any(|cell| !cell.trim().is_empty())) {
        let get = |at: Option<usize>| at.and_then(|i| row.get(i)).map_or("", |cell| written(cell.trim()));
        let own = key.is_some();
        let found =
            get(Some(addresses)).split([' ', ',', ';', '\n']).filter_map(|a| EmailAddress::parse(a).ok());
        let name = [get(given), get(family)].join(" ");
        let mut preferences = Preferred::default();
        for word in get(preferred).split_whitespace() {
            read_preference(&mut preferences, word);
        }
        reading.take(Imported {
            key: Some(get(key).to_owned()).filter(|k| !k.is_empty()),
            name: name.trim().to_owned(),
            addresses: found.take(MAX_VALUES).collect(),
            preferred: preferences,
            favourite: matches!(get(favourite).to_lowercase().as_str(), "oui" | "1" | "true" | "x") && own,
            groups: get(groups).split(',').take(MAX_VALUES).map(str::to_owned).collect(),
            note: get(note).to_owned(),
        });
    }
    Ok(reading)
}

/// `pdf=address`, or `any=address` for whatever is written.
fn preference(kind: Option<Subject>, address: &EmailAddress) -> String {
    format!("{}={address}", kind.map_or(ANY, Subject::word))
}

/// Takes one preference; what is none is left out.
fn read_preference(preferred: &mut Preferred, text: &str) {
    let Some((word, address)) = text.trim().split_once('=') else { return };
    let Ok(address) = EmailAddress::parse(address) else { return };
    match Subject::of_word(word) {
        None if word != ANY => {}
        kind => preferred.set(kind, Some(address)),
    }
}

/// A value with its separators escaped (RFC 6350 §3.4).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(',', "\\,")
        .replace(';', "\\;")
        .replace("\r\n", "\\n")
        .replace('\n', "\\n")
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaping = false;
    for c in text.chars() {
        match (escaping, c) {
            (false, '\\') => {
                escaping = true;
                continue;
            }
            (true, 'n' | 'N') => out.push('\n'),
            (_, c) => out.push(c),
        }
        escaping = false;
    }
    out
}

/// Values between unescaped commas.
fn split_escaped(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut escaping = false;
    for c in text.chars() {
        if c == ',' && !escaping {
            if out.len() >= MAX_VALUES {
                break;
            }
            out.push(String::new());
            continue;
        }
        escaping = c == '\\' && !escaping;
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out
}

/// Writes a line, folded after 75 bytes (RFC 6350 §3.2).
fn fold_line(out: &mut String, line: &str) {
    let mut rest = line;
    let mut room = 75;
    while rest.len() > room {
        let (part, more) = rest.split_at(rest.floor_char_boundary(room));
        let _ = write!(out, "{part}\r\n ");
        (rest, room) = (more, 74);
    }
    let _ = write!(out, "{rest}\r\n");
}

/// Lines with the folded ones put together; empty ones left out.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// What a spreadsheet takes for a formula begins so.
const FORMULA: [char; 5] = ['=', '+', '-', '@', '\t'];

/// A cell, quoted where it must be. One that a spreadsheet would take for a formula is made a text.
fn cell(text: &str) -> String {
    let text = if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() };
    match text.contains([';', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

/// What stood in a cell before it was made a text.
fn written(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| text.starts_with(FORMULA)).unwrap_or(cell)
}

/// Rows and cells of a table; quotes hold separators, line ends and doubled quotes.
fn table(text: &str, separator: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            c if c == separator && !quoted => {
                let cell = std::mem::take(&mut cell);
                if row.len() < MAX_COLUMNS {
                    row.push(cell);
                }
            }
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
                if rows.len() > MAX_CONTACTS {
                    return rows;
                }
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::unlisted;

    fn contact() -> Contact {
        let address = EmailAddress::parse("m.legall@medecin.mssante.fr").unwrap();
        let other = EmailAddress::parse("gall@chu.mssante.fr").unwrap();
        let first = address.clone();
        let mut person = unlisted(address, Some("LE GALL"));
        person.mailboxes.extend(unlisted(other.clone(), None).mailboxes);
        person.key = "899900000001".to_owned();
        person.given_name = "Maëlle".to_owned();
        Contact {
            person,
            favourite: true,
            note: "Tél. le matin ; « RCP », \"urgent\"\nligne 2 \\ fin".to_owned(),
            preferred: Preferred {
                any: Some(other.clone()),
                by_kind: [(Subject::Biology, other), (Subject::Letter, first)].into(),
            },
            groups: vec!["RCP pneumo".to_owned(), "Sein, ovaire".to_owned()],
            ..Contact::default()
        }
    }

    #[test]
    fn what_was_exported_is_read_back() {
        let contact = contact();
        for (form, text) in [
            ("vcard", to_vcard(std::slice::from_ref(&contact))),
            ("csv", to_csv(std::slice::from_ref(&contact))),
        ] {
            let read = read(text.as_bytes()).unwrap();
            let [one] = read.contacts.as_slice() else { panic!("{form}: {read:?}") };
            assert_eq!(one.key.as_deref(), Some("899900000001"), "{form}");
            assert_eq!(one.addresses.first(), contact.preferred.any.as_ref(), "{form}");
            assert_eq!(one.preferred, contact.preferred, "{form}");
            assert_eq!(one.addresses.len(), 2, "{form}");
            assert!(one.favourite, "{form}");
            assert_eq!(one.note, contact.note, "{form}");
            assert_eq!(one.groups.first().unwrap(), "RCP pneumo", "{form}");
        }
        let vcard = to_vcard(&[contact]);
        assert!(vcard.lines().all(|line| line.len() <= 75), "{vcard}");
        assert_eq!(read(vcard.as_bytes()).unwrap().contacts[0].groups[1], "Sein, ovaire");
    }

    #[test]
    fn files_of_other_programs_are_read() {
        let vcard = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Paul\r\n  DURAND\r\nitem1.EMAIL;TYPE=INTERNET:p@x.mssante.fr\r\n\
            END:VCARD\r\nBEGIN:VCARD\nFN:Sans adresse\nEND:VCARD\n";
        let found = read(vcard.as_bytes()).unwrap();
        assert_eq!((found.contacts.len(), found.without_address), (1, 1));
        assert_eq!(found.contacts[0].name, "Paul DURAND");
        let csv = "Nom,Prénom,E-mail\n\"DURAND, fils\",Paul,p@x.mssante.fr\nX,Y,none\n";
        let found = read(csv.as_bytes()).unwrap();
        assert_eq!((found.contacts.len(), found.without_address), (1, 1));
        assert_eq!(found.contacts[0].name, "Paul DURAND, fils");
        assert_eq!(read(b"a;b\n1;2\n"), Err(Unreadable::Form));
        assert_eq!(read(&vec![b'x'; MAX_FILE + 1]), Err(Unreadable::TooLarge));
    }

    #[test]
    fn what_a_stranger_wrote_is_bounded_and_does_not_deceive() {
        let many = "EMAIL;PREF=1:p@x.mssante.fr\n".repeat(100_000);
        let long = "x".repeat(10_000);
        let vcard = format!(
            "BEGIN:VCARD\nFN:Dr\u{202E} A\\nB {long}\nCATEGORIES:a\\nb,{many}\nNOTE:\u{200B}n\n{many}END:VCARD\n"
        );
        let found = read(vcard.as_bytes()).unwrap();
        let [one] = found.contacts.as_slice() else { panic!("{}", found.contacts.len()) };
        assert_eq!((one.addresses.len(), one.name.len()), (MAX_VALUES, MAX_NAME));
        assert!(one.name.starts_with("Dr A B x"), "{}", one.name);
        assert_eq!((one.groups.first().map(String::as_str), one.note.as_str()), (Some("a b"), "n"));
        let wide = format!("Mail{}\na@b.fr{}\n", ";x".repeat(100_000), ";".repeat(100_000));
        assert_eq!(read(wide.as_bytes()).unwrap().contacts.len(), 1);
    }

    #[test]
    fn a_preference_that_cannot_be_read_is_left_out() {
        let csv = "Adresses;Préférences\np@x.mssante.fr;pdf=p@x.mssante.fr biology any=no-address song=p@x.mssante.fr\n";
        let read = read(csv.as_bytes()).unwrap();
        let pdf: Vec<_> = read.contacts[0].preferred.each().map(|(kind, _)| kind).collect();
        assert_eq!(pdf, [Some(Subject::Pdf)]);
    }

    #[test]
    fn a_cell_never_becomes_a_formula() {
        assert_eq!(cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    }
}
