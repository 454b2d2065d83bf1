//! What every scene needs: the owner, chance, time, and files made once.

use super::super::chance::Chance;
use super::super::patient::{COUNT, patient};
use super::super::person::{Colleague, Persona};
use super::super::source::{Part, base64, date, mailbox, message, words};
use super::super::{jpeg, pdf};
use super::{CorpusFolder, CorpusMessage};
use crate::health::document::Patient;

/// Days the mailbox goes back.
const DAYS: u64 = 182;
const DAY: i64 = 86_400;

pub(super) struct Studio<'o> {
    pub(super) owner: &'o Persona,
    pub(super) chance: Chance,
    pub(super) now: i64,
    /// Three photographs and a logo in base64.
    pub(super) wounds: [Vec<u8>; 3],
    pub(super) logo: Vec<u8>,
    serial: u64,
    seed: u64,
}

/// Header fields a scene adds.
pub(super) type Extra<'h> = &'h [(&'h str, String)];

impl<'o> Studio<'o> {
    pub(super) fn new(owner: &'o Persona, seed: u64, now: i64) -> Self {
        Self {
            owner,
            chance: Chance::new(seed),
            now,
            wounds: [0, 1, 2].map(|stage| base64(&jpeg::wound(stage))),
            logo: base64(&jpeg::logo()),
            serial: 0,
            seed,
        }
    }

    /// A past moment in office hours, mostly on a week day, at least four days ago.
    pub(super) fn past(&mut self) -> i64 {
        let mut days_ago = 4 + self.chance.below(DAYS - 4);
        // 1970-01-01 was a Thursday: days 2 and 3 of the week counted from there are the week-end
        let weekday = |ago: u64| (self.now / DAY - i64::try_from(ago).unwrap_or(0)).rem_euclid(7);
        if matches!(weekday(days_ago), 2 | 3) && days_ago < DAYS - 2 {
            days_ago += 2;
        }
        let midnight = self.now - self.now.rem_euclid(DAY) - i64::try_from(days_ago).unwrap_or(4) * DAY;
        midnight + 7 * 3600 + i64::try_from(self.chance.below(11 * 3600)).unwrap_or(0)
    }

    pub(super) fn patient(&mut self) -> Patient {
        let n = self.chance.index(COUNT);
        patient(n)
    }

    pub(super) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    pub(super) fn message_id(&mut self, address: &str) -> String {
        let domain = address.rsplit_once('@').map_or("mssante.example", |(_, d)| d);
        let serial = self.next_serial();
        format!("{:08x}.{serial:06}@{domain}", self.chance.next() & 0xFFFF_FFFF)
    }

    pub(super) fn year(at: i64) -> u16 {
        let year =
            jiff::Timestamp::from_second(at).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).year();
        u16::try_from(year).unwrap_or(2026)
    }

    pub(super) fn day(at: i64, format: &str) -> String {
        jiff::Timestamp::from_second(at).unwrap_or_default().strftime(format).to_string()
    }

    /// OID of a document of this corpus, in an arc that belongs to nobody.
    pub(super) fn document_id(&mut self) -> String {
        format!("1.2.250.1.999.9.{}.{}", self.seed % 100_000, self.next_serial())
    }

    /// The identifier the next document will have.
    pub(super) fn next_document_id(&self) -> String {
        format!("1.2.250.1.999.9.{}.{}", self.seed % 100_000, self.serial + 1)
    }

    /// The source of a message to the owner. Returns its Message-ID too.
    pub(super) fn incoming(
        &mut self,
        from: (&str, &str),
        subject: &str,
        at: i64,
        extra: Extra<'_>,
        part: &Part,
    ) -> (String, Vec<u8>) {
        let owner = self.owner;
        self.write(from, (&owner.name, &owner.address), subject, at, extra, part)
    }

    /// The source of a message from the owner.
    pub(super) fn outgoing(
        &mut self,
        to: (&str, &str),
        subject: &str,
        at: i64,
        extra: Extra<'_>,
        part: &Part,
    ) -> (String, Vec<u8>) {
        let owner = self.owner;
        self.write((&owner.name, &owner.address), to, subject, at, extra, part)
    }

    fn write(
        &mut self,
        from: (&str, &str),
        to: (&str, &str),
        subject: &str,
        at: i64,
        extra: Extra<'_>,
        part: &Part,
    ) -> (String, Vec<u8>) {
        let id = self.message_id(from.1);
        let mut headers = vec![
            ("Date", date(at)),
            ("From", mailbox(from.0, from.1)),
            ("To", mailbox(to.0, to.1)),
            ("Subject", words(subject)),
            ("Message-ID", format!("<{id}>")),
        ];
        headers.extend(extra.iter().cloned());
        headers.push(("X-MSS-NIL", "PRATIQUE01".to_owned()));
        (id, message(&headers, part))
    }

    /// A received message in the folder and state its age suggests.
    pub(super) fn received(&mut self, raw: Vec<u8>, at: i64, aged: CorpusFolder) -> CorpusMessage {
        let age = (self.now - at) / DAY;
        let folder = match age {
            0..=14 => CorpusFolder::Inbox,
            15..=45 if self.chance.percent(35) => CorpusFolder::Inbox,
            _ if self.chance.percent(4) => CorpusFolder::Trash,
            _ if age < 60 && self.chance.percent(6) => CorpusFolder::ToFile,
            _ => aged,
        };
        let unread = if age <= 5 { 30 } else { 2 };
        let seen = !self.chance.percent(unread);
        CorpusMessage {
            folder,
            raw,
            seen,
            flagged: self.chance.percent(3),
            answered: seen && self.chance.percent(12),
            date: at,
        }
    }

    pub(super) fn filed(folder: CorpusFolder, raw: Vec<u8>, at: i64) -> CorpusMessage {
        CorpusMessage { folder, raw, seen: true, flagged: false, answered: false, date: at }
    }

    /// The scan of the 12 MB message, in base64. Slow: made once.
    pub(super) fn scan() -> Vec<u8> {
        base64(&pdf::scan())
    }
}

/// Name and address as a colleague's software writes them; now and then in the underscore form of ECO.2.2.7.
pub(super) fn sender(c: &Colleague, underscored: bool) -> (String, String) {
    let name = if underscored && !c.given.is_empty() {
        format!("Dr_{}_{}_{}", c.given, c.family, c.structure)
    } else {
        c.display()
    };
    (name, c.address())
}

/// Capitals and plain letters, as ECO.2.1.3 wants names in a subject.
pub(super) fn unaccented(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect()
}

/// `XDM/1.0/DDM+<label> <NOM> <prénom> <JJ/MM/AAAA>`.
pub(super) fn xdm_subject(label: &str, patient: &Patient) -> String {
    let label: String = label.chars().take(40).collect();
    format!(
        "XDM/1.0/DDM+{label} {} {} {}",
        unaccented(&patient.birth_name),
        unaccented(&patient.given_name),
        patient.birth_date()
    )
}
