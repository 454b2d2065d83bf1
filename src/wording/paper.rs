//! What is printed, in words: a message or document as a sheet.

use super::Wording;
use crate::domain::address::Mailbox;
use crate::domain::biology::{Flag, LabResult, ResultStatus};
use crate::domain::document::{Change, Document, Warning};
use crate::domain::message::{Block, Cell, Grid, Span};
use crate::domain::moment::day;
use crate::domain::patient::{InsNature, Patient, Sex};
use crate::engine::{Paper, Section, Sheet};

/// Most recipients named on paper; a list of hundreds would push the text off the page.
const MOST_NAMES: usize = 12;
/// Most attachments named.
const MOST_FILES: usize = 40;

impl Wording {
    /// A message or document as it goes on paper.
    pub fn sheet(&self, paper: &Paper) -> Sheet {
        let documents = paper.documents.iter();
        let mut sections = Vec::new();
        if !paper.is_document {
            sections.push(Section {
                notes: paper.view.defects.iter().map(|w| self.warning(*w).what).collect(),
                blocks: paper.view.blocks.clone(),
                pictures: paper.pictures.clone(),
                ..Section::default()
            });
        }
        sections.extend(documents.map(|(document, pictures)| Section {
            title: if paper.is_document { String::new() } else { document.title.clone() },
            notes: self.notes(document),
            blocks: self.blocks(document),
            pictures: pictures.clone(),
        }));
        let title = match paper.documents.first() {
            Some((document, _)) if paper.is_document => document.title.clone(),
            _ => paper.view.row.subject.clone(),
        };
        let title = if title.trim().is_empty() { self.text("print-no-subject") } else { title };
        let patient = self.patient_of(paper);
        let foot = [patient.as_deref().unwrap_or_default(), &title];
        let foot = foot.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" · ");
        Sheet {
            language: self.language().tag().to_owned(),
            facts: self.facts(paper, patient.as_deref()),
            title,
            sections,
            foot,
            page: self.text("print-page"),
            cut: self.text("print-cut"),
        }
    }

    /// A name for the file of a print of `paper`, without ending: what it is and of whom. Names of files are seen by
    /// everyone at the screen: no INS and no birth date.
    pub fn print_name(&self, sheet: &Sheet, paper: &Paper) -> String {
        let hint = paper.view.row.patient.as_ref().map(|hint| hint.name.as_str());
        let patient = paper.patient.as_ref().map(|patient| patient.name.as_str()).or(hint);
        let name = join(&[&sheet.title, patient.unwrap_or_default()], " ");
        let name: String = name.chars().filter(|c| !r#"<>:"/\|?*"#.contains(*c)).take(80).collect();
        name.trim_matches(['.', ' ']).to_owned()
    }

    fn facts(&self, paper: &Paper, patient: Option<&str>) -> Vec<(String, String)> {
        let envelope = &paper.view.envelope;
        let mut facts = Vec::new();
        let mut add = |key: &str, value: String| {
            if !value.is_empty() {
                facts.push((self.text(key), value));
            }
        };
        add("print-patient", patient.unwrap_or_default().to_owned());
        if let Some((document, _)) = paper.documents.first().filter(|_| paper.is_document) {
            let kind = document.code.as_ref().map(|c| c.label.clone()).unwrap_or_default();
            add("print-kind", if kind == document.title { String::new() } else { kind });
            let author = document.authors.iter().map(|a| {
                let is_same = a.name.eq_ignore_ascii_case(&a.organisation);
                join(&[&a.name, if is_same { "" } else { &a.organisation }], ", ")
            });
            add("print-author", author.take(MOST_NAMES).collect::<Vec<_>>().join(" ; "));
            add("print-date", date(document));
        }
        add("print-from", self.names(&envelope.from));
        add("print-to", self.names(&envelope.to));
        add("print-cc", self.names(&envelope.cc));
        let (day, hour) = (self.day(paper.view.row.date), self.hour(paper.view.row.date));
        let sent = if paper.is_document { "print-sent" } else { "print-date" };
        add(sent, self.with("date-day-at", &[("day", &day), ("hour", &hour)]));
        let files = paper.view.attachments.iter().filter(|a| !a.inline);
        let count = files.clone().count();
        let mut names: Vec<String> =
            files.take(MOST_FILES).map(|a| format!("{} ({})", a.name, self.size(a.size))).collect();
        if count > MOST_FILES {
            names.push(self.with("print-more", &[("count", &(count - MOST_FILES).to_string())]));
        }
        add("print-attachments", names.join(" · "));
        facts
    }

    fn names(&self, people: &[Mailbox]) -> String {
        let one = |person: &Mailbox| match &person.name {
            Some(name) if !name.is_empty() && *name != person.address => {
                format!("{name} <{}>", person.address)
            }
            _ => person.address.clone(),
        };
        let mut names: Vec<String> = people.iter().take(MOST_NAMES).map(one).collect();
        if people.len() > MOST_NAMES {
            let more = (people.len() - MOST_NAMES).to_string();
            names.push(self.with("print-more", &[("count", &more)]));
        }
        names.join(", ")
    }

    fn patient_of(&self, paper: &Paper) -> Option<String> {
        if let Some(patient) = &paper.patient {
            return Some(self.traits(patient));
        }
        let hint = paper.view.row.patient.as_ref()?;
        Some(join(&[&hint.name, hint.birth_date.as_deref().unwrap_or_default()], ", "))
    }

    fn traits(&self, patient: &Patient) -> String {
        let born = patient.birth_date.as_deref().map(|d| self.born(&day(d), patient.sex));
        let sex = match patient.sex {
            Some(Sex::F) => self.text("document-sex-f"),
            Some(Sex::M) => self.text("document-sex-m"),
            _ => String::new(),
        };
        let ins = patient.ins.as_ref().map(|ins| {
            let told = self.with("document-ins", &[("ins", &ins.matricule)]);
            match ins.nature {
                InsNature::Test | InsNature::Demo => {
                    format!("{told} ({})", self.text("document-ins-test"))
                }
                _ => told,
            }
        });
        join(&[&patient.name, &born.unwrap_or_default(), &sex, &ins.unwrap_or_default()], ", ")
    }

    fn notes(&self, document: &Document) -> Vec<String> {
        let change = document.change.map(|change| match change {
            Change::Replaces => self.text("document-replaces"),
            Change::Deletes => self.text("document-deletes"),
            Change::Appends => self.text("document-appends"),
        });
        let told =
            |w: &&Warning| !matches!(w, Warning::StylesheetIgnored | Warning::DtdIgnored | Warning::InsTest);
        let warnings = document.warnings.iter().filter(told).map(|w| self.warning(*w).what);
        change.into_iter().chain(warnings).collect()
    }

    fn blocks(&self, document: &Document) -> Vec<Block> {
        let mut blocks = Vec::new();
        if !document.results.is_empty() {
            blocks.push(Block::Grid(self.results(&document.results)));
        }
        blocks.extend(document.blocks.iter().cloned());
        blocks
    }

    /// Results in the order of the laboratory; what is out of its bounds is bold and says so in words, which black and
    /// white keeps.
    fn results(&self, results: &[LabResult]) -> Grid {
        let head = |key: &str| Cell { heads: true, ..cell(&self.text(key), false) };
        let keys = ["document-analysis", "document-value", "document-bounds", "document-flag"];
        let mut rows = vec![keys.map(head).to_vec()];
        let mut chapter = "";
        for result in results {
            if result.chapter != chapter && !result.chapter.is_empty() {
                chapter = &result.chapter;
                rows.push(vec![Cell { columns: 4, ..cell(chapter, true) }]);
            }
            rows.push(self.result(result));
        }
        Grid { caption: Vec::new(), rows }
    }

    fn result(&self, result: &LabResult) -> Vec<Cell> {
        let is_abnormal = result.is_abnormal();
        let status = match result.status {
            Some(ResultStatus::Preliminary) => self.text("document-status-preliminary"),
            Some(ResultStatus::Corrected) => self.text("document-status-corrected"),
            Some(ResultStatus::Cancelled) => self.text("document-status-cancelled"),
            Some(ResultStatus::Final) | None => String::new(),
        };
        let value = join(&[&result.value, &result.unit], " ");
        let other = result.other.as_ref().map(|o| join(&[&o.value, &o.unit], " ")).unwrap_or_default();
        let bounds = match (result.low.as_str(), result.high.as_str()) {
            ("", "") => result.range.clone(),
            ("", high) => format!("≤ {high}"),
            (low, "") => format!("≥ {low}"),
            (low, high) => format!("{low} – {high}"),
        };
        let flag = match result.flag {
            Some(Flag::N) | None if is_abnormal => self.text("document-flag-a"),
            Some(Flag::N) | None => String::new(),
            Some(flag) => {
                let key = format!("document-flag-{}", flag.letters().to_lowercase());
                format!("{} – {}", flag.letters(), self.text(&key))
            }
        };
        vec![
            cell(&join(&[&result.label, &result.comment, &status], "\n"), is_abnormal),
            cell(&join(&[&value, &other], "\n"), is_abnormal),
            cell(&bounds, false),
            cell(&flag, is_abnormal),
        ]
    }
}

fn cell(text: &str, bold: bool) -> Cell {
    let spans = vec![Span { text: text.to_owned(), bold, ..Span::default() }];
    Cell { spans, columns: 1, rows: 1, ..Cell::default() }
}

fn join(parts: &[&str], between: &str) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(between)
}

fn date(document: &Document) -> String {
    document.act_date.as_deref().or(document.date.as_deref()).map(day).unwrap_or_default()
}
