//! Links by which practice software asks the program for something: `estafette:patient?…`, `estafette:message?…`,
//! `estafette:ecrire?…`. They can come from anywhere, a web page included: read strictly, and never more than a
//! proposal to the user.

use std::path::PathBuf;

use super::address::EmailAddress;
use super::text::is_deceptive;

/// Longest link, in bytes.
pub const LONGEST_LINK: usize = 4_096;
/// Longest value, in characters.
const LONGEST_VALUE: usize = 300;
/// Longest Message-ID, in bytes.
const LONGEST_ID: usize = 250;
/// Most recipients and documents.
const MOST_RECIPIENTS: usize = 20;
const MOST_DOCUMENTS: usize = 10;

/// What a link asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Show a patient.
    Patient(PatientQuery),
    /// Show the message of this Message-ID, without brackets.
    Message(String),
    /// Open a composer; nothing is sent.
    Write(Box<Letter>),
}

/// Which patient is meant: an INS, or a name, with whatever else is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatientQuery {
    /// INS matricule, 15 characters; its key is not checked here.
    pub ins: String,
    /// Birth name.
    pub birth_name: String,
    /// First given name.
    pub first_name: String,
    /// Birth date, ISO 8601.
    pub birth_date: String,
}

/// What a composer begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// Recipients.
    pub to: Vec<EmailAddress>,
    /// Subject.
    pub subject: String,
    /// Files to attach, absolute paths; only proposed.
    pub documents: Vec<PathBuf>,
    /// The patient it is about.
    pub patient: Option<PatientQuery>,
}

/// Why a link is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Too long.
    #[error("the link is too long")]
    Length,
    /// Not `estafette:` and an action.
    #[error("not a link of this program")]
    Action,
    /// A field nobody knows, or one that is there twice.
    #[error("field {0} is unknown or given twice")]
    Field(String),
    /// A value that cannot be.
    #[error("field {0} cannot have this value")]
    Value(String),
    /// Something is missing to know what is meant.
    #[error("field {0} is missing")]
    Missing(&'static str),
}

impl Link {
    /// Reads a link.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        if text.len() > LONGEST_LINK {
            return Err(LinkError::Length);
        }
        let colon = text.find(':').ok_or(LinkError::Action)?;
        let (scheme, rest) = text.split_at(colon);
        if !scheme.eq_ignore_ascii_case("estafette") || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(LinkError::Action);
        }
        // some systems write every link of a scheme as one with a host
        let rest = rest.trim_start_matches(':');
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (action, query) = rest.split_once('?').ok_or(LinkError::Action)?;
        let fields = fields(query)?;
        match action.trim_end_matches('/') {
            "patient" => Ok(Self::Patient(patient(&fields, &[])?.ok_or(LinkError::Missing("ins"))?)),
            "message" => message(&fields),
            "ecrire" => letter(&fields),
            _ => Err(LinkError::Action),
        }
    }
}

type Fields = Vec<(String, String)>;

/// Splits a query and undoes percent-encoding; `+` is a plus.
fn fields(query: &str) -> Result<Fields, LinkError> {
    let mut found = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let shown: String = name.chars().take(30).collect();
        let value = decoded(value).ok_or_else(|| LinkError::Value(shown.clone()))?;
        let is_sound = value.chars().count() <= LONGEST_VALUE && !value.chars().any(is_deceptive);
        if !is_sound || found.len() >= MOST_RECIPIENTS + MOST_DOCUMENTS + 10 {
            return Err(LinkError::Value(shown));
        }
        found.push((shown, value));
    }
    Ok(found)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(high << 4 | low);
    }
    String::from_utf8(bytes).ok()
}

/// The value of a field that may be there once.
fn one<'f>(fields: &'f Fields, name: &str) -> Result<&'f str, LinkError> {
    let mut all = fields.iter().filter(|(known, _)| known == name);
    let value = all.next().map_or("", |(_, value)| value.trim());
    if all.next().is_some() { Err(LinkError::Field(name.to_owned())) } else { Ok(value) }
}

fn only(fields: &Fields, known: &[&str]) -> Result<(), LinkError> {
    match fields.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(LinkError::Field(name.clone())),
        None => Ok(()),
    }
}

const TRAITS: [&str; 4] = ["ins", "nom", "prenom", "naissance"];

fn patient(fields: &Fields, others: &[&str]) -> Result<Option<PatientQuery>, LinkError> {
    let known: Vec<&str> = TRAITS.iter().chain(others).copied().collect();
    only(fields, &known)?;
    let ins: String = one(fields, "ins")?.chars().filter(|c| *c != ' ').collect();
    let is_ins = ins.len() == 15 && ins.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    if !ins.is_empty() && !is_ins {
        return Err(LinkError::Value("ins".to_owned()));
    }
    let given = one(fields, "naissance")?;
    let birth_date = if given.is_empty() { Some(String::new()) } else { date(given) };
    let query = PatientQuery {
        ins,
        birth_name: one(fields, "nom")?.to_owned(),
        first_name: one(fields, "prenom")?.to_owned(),
        birth_date: birth_date.ok_or_else(|| LinkError::Value("naissance".to_owned()))?,
    };
    if query == PatientQuery::default() {
        return Ok(None);
    }
    // a first name or a birthday alone means anybody
    if query.ins.is_empty() && query.birth_name.is_empty() {
        return Err(LinkError::Missing("nom"));
    }
    Ok(Some(query))
}

/// `AAAA-MM-JJ`, `AAAAMMJJ` or `JJ/MM/AAAA`, as ISO 8601.
fn date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let (year, month, day) = match (parts.as_slice(), text.len()) {
        ([year, month, day], 10) if text.contains('-') => (*year, *month, *day),
        ([day, month, year], 10) if text.contains('/') => (*year, *month, *day),
        ([_], 8) => (text.get(..4)?, text.get(4..6)?, text.get(6..)?),
        _ => return None,
    };
    let number = |part: &str, length| {
        (part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())?
    };
    let (y, m, d) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    ((1850..=2200).contains(&y) && (1..=12).contains(&m) && (1..=31).contains(&d))
        .then(|| format!("{year}-{month}-{day}"))
}

fn message(fields: &Fields) -> Result<Link, LinkError> {
    only(fields, &["id"])?;
    let id = one(fields, "id")?.trim_start_matches('<').trim_end_matches('>');
    let is_id = id.len() <= LONGEST_ID && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
    match id {
        "" => Err(LinkError::Missing("id")),
        _ if is_id => Ok(Link::Message(id.to_owned())),
        _ => Err(LinkError::Value("id".to_owned())),
    }
}

fn letter(fields: &Fields) -> Result<Link, LinkError> {
    let patient = patient(fields, &["a", "objet", "document"])?;
    let all =
        |name: &'static str| fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value);
    let wrong = |name: &str| LinkError::Value(name.to_owned());
    let to: Vec<EmailAddress> =
        all("a").map(|text| EmailAddress::parse(text).map_err(|_| wrong("a"))).collect::<Result<_, _>>()?;
    let documents: Vec<PathBuf> = all("document").map(PathBuf::from).collect();
    // a relative path means something else in every program
    if documents.len() > MOST_DOCUMENTS || documents.iter().any(|path| !path.is_absolute()) {
        return Err(wrong("document"));
    }
    if to.len() > MOST_RECIPIENTS {
        return Err(wrong("a"));
    }
    let subject = one(fields, "objet")?.to_owned();
    Ok(Link::Write(Box::new(Letter { to, subject, documents, patient })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Link, LinkError> {
        Link::parse(text)
    }

    #[test]
    fn a_patient_is_named_by_ins_or_by_traits() {
        let ins = parse("estafette:patient?ins=285041305501786").unwrap();
        let Link::Patient(query) = ins else { panic!() };
        assert_eq!(query.ins, "285041305501786");
        for link in [
            "estafette:patient?nom=DURAND&prenom=L%C3%A9a&naissance=1978-11-26",
            "ESTAFETTE://patient/?nom=DURAND&prenom=L%C3%A9a&naissance=26%2F11%2F1978",
            "estafette:patient?nom=DURAND&prenom=L%c3%a9a&naissance=19781126",
        ] {
            let Link::Patient(query) = parse(link).unwrap() else { panic!() };
            assert_eq!(
                (query.first_name.as_str(), query.birth_date.as_str()),
                ("Léa", "1978-11-26"),
                "{link}"
            );
        }
    }

    #[test]
    fn a_message_and_a_letter_are_read_whole() {
        assert_eq!(parse("estafette:message?id=%3Ca.b%40c.fr%3E"), Ok(Link::Message("a.b@c.fr".to_owned())));
        let text = "estafette:ecrire?a=paul%40medecin.mssante.fr&a=b@c.fr&objet=Avis%20%2B&ins=285041305501786\
                    &document=/home/anne/cr.pdf";
        let Link::Write(letter) = parse(text).unwrap() else { panic!() };
        assert_eq!(letter.to.len(), 2);
        assert_eq!(letter.subject, "Avis +");
        assert_eq!(letter.documents, [PathBuf::from("/home/anne/cr.pdf")]);
        assert_eq!(letter.patient.unwrap().ins, "285041305501786");
        assert!(matches!(parse("estafette:ecrire?"), Ok(Link::Write(_))));
    }

    #[test]
    fn what_is_not_exactly_so_is_refused() {
        let field = |name: &str| LinkError::Field(name.to_owned());
        let value = |name: &str| LinkError::Value(name.to_owned());
        for (link, error) in [
            ("", LinkError::Action),
            ("mailto:a@b.fr", LinkError::Action),
            ("estafette:", LinkError::Action),
            ("estafette:patient", LinkError::Action),
            ("estafette:supprimer?id=1", LinkError::Action),
            ("estafette:envoyer?a=b@c.fr", LinkError::Action),
            ("estafette:message?id=a b", LinkError::Action),
            ("estafette:message?id=", LinkError::Missing("id")),
            ("estafette:message?id=a%0D%0Ab", value("id")),
            ("estafette:message?id=a&id=b", field("id")),
            ("estafette:message?id=a&folder=b", field("folder")),
            ("estafette:message?id=%3C%3E", LinkError::Missing("id")),
            ("estafette:message?id=%", value("id")),
            ("estafette:message?id=%G0", value("id")),
            ("estafette:message?id=%ff", value("id")),
            ("estafette:patient?", LinkError::Missing("ins")),
            ("estafette:patient?prenom=Paul", LinkError::Missing("nom")),
            ("estafette:patient?ins=12", value("ins")),
            ("estafette:patient?ins=28504130550178%27", value("ins")),
            ("estafette:patient?nom=A&naissance=2026-13-01", value("naissance")),
            ("estafette:patient?nom=A&naissance=hier", value("naissance")),
            ("estafette:patient?nom=A%E2%80%AEB", value("nom")),
            ("estafette:ecrire?a=pas-une-adresse", value("a")),
            ("estafette:ecrire?a=a%40b.fr%0ABcc%3Ax%40y.fr", value("a")),
            ("estafette:ecrire?document=cr.pdf", value("document")),
            ("estafette:ecrire?document=../../etc/passwd", value("document")),
            ("estafette:ecrire?document=%2Fetc%2Fpasswd%00.pdf", value("document")),
            ("estafette:ecrire?objet=a&objet=b", field("objet")),
            ("estafette:ecrire?bcc=a@b.fr", field("bcc")),
        ] {
            assert_eq!(parse(link), Err(error), "{link}");
        }
        assert_eq!(parse(&format!("estafette:ecrire?objet={}", "a".repeat(5_000))), Err(LinkError::Length));
        let many = format!("estafette:ecrire?{}", "a=a@b.fr&".repeat(60));
        assert_eq!(parse(&many), Err(value("a")));
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        let mut seed = 7_u64;
        let pieces = [
            "estafette:",
            "patient",
            "message",
            "ecrire",
            "?",
            "&",
            "=",
            "%",
            "%2",
            "%00",
            "%c3",
            "é",
            "//",
            "/",
            "ins",
            "nom",
            "naissance",
            "a",
            "document",
            "\u{202e}",
            "<",
            ">",
            "2026-01-01",
            "é1234567",
            "@",
            "+",
        ];
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            let _ = parse(&text);
        }
    }
}
