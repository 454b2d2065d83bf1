//! A fictitious national extraction (`Extraction_Correspondance_MSSante`): 31 columns separated by `|`.

use std::fmt::Write;

use super::chance::Chance;
use super::person::{
    AT_CABINET, COLLEAGUES, Colleague, HOLDER_RPPS, Persona, Trade, rpps, with_two_mailboxes,
};

/// The header line, as the national file writes it.
pub const HEADER: &str = "Type de BAL|Adresse BAL|Type Identifiant PP|Identifiant PP|Identification nationale PP|\
Type identifiant structure|Identification Structure|Service de rattachement|Civilité d'exercice|Nom d'exercice|\
Prénom d'exercice|Catégorie profession|Libellé de catégorie profession|Code Profession|Libellé Profession|\
Code savoir-faire|Libellé savoir-faire|Dématérialisation|Raison Sociale structure BAL|\
Enseigne commerciale structure BAL|L2COMPLEMENTLOCALISATION structure BAL|L3COMPLEMENTDISTRIBUTION structure BAL|\
L4NUMEROVOIE structure BAL|L4COMPLEMENTNUMEROVOIE structure BAL|NL4TYPEVOIE structure BAL|\
L4LIBELLEVOIE structure BAL|L5LIEUDITMENTION structure BAL|L6LIGNEACHEMINEMENT structure BAL|\
Code postal structure BAL|Département structure BAL|Pays structure BAL";

const SURNAMES: &[&str] = &[
    "MARTIN",
    "BERNARD",
    "THOMAS",
    "PETIT",
    "ROBERT",
    "RICHARD",
    "DURAND",
    "DUBOIS",
    "MOREAU",
    "LAURENT",
    "SIMON",
    "MICHEL",
    "LEFÈVRE",
    "LEROY",
    "ROUX",
    "DAVID",
    "BERTRAND",
    "MOREL",
    "FOURNIER",
    "GIRARD",
    "BONNET",
    "LAMBERT",
    "ROUSSEAU",
    "VINCENT",
    "MÜLLER",
    "MERCIER",
    "GUÉRIN",
    "BOYER",
    "LE GALL",
    "LE GOFF",
    "BENALI",
    "NGUYEN",
    "DIALLO",
    "GARCIA",
    "DA SILVA",
    "D'ANGELO",
    "SAINT-MARTIN",
    "PERRIN",
    "CHEVALIER",
    "FRANÇOIS",
    "LÉVY",
    "KONÉ",
    "ÉTIENNE",
];
const GIVEN: &[&str] = &[
    "Marie",
    "Anne",
    "Sophie",
    "Claire",
    "Hélène",
    "Isabelle",
    "Jean",
    "Pierre",
    "Paul",
    "Karim",
    "Thomas",
    "Nicolas",
    "Jean-Pierre",
    "Anne-Laure",
    "François",
    "Élodie",
    "Zoé",
    "Maxime",
    "Benoît",
    "Agnès",
];
/// Code and label of the profession, code and label of the savoir-faire, title.
#[rustfmt::skip]
const CALLINGS: &[[&str; 5]] = &[
    ["10", "Médecin", "SM26", "Qualifié en Médecine Générale", "DR"],
    ["10", "Médecin", "SM54", "Médecine Générale", "DR"],
    ["10", "Médecin", "SM04", "Cardiologie et maladies vasculaires", "DR"],
    ["10", "Médecin", "SM40", "Pédiatrie", "DR"],
    ["10", "Médecin", "SM44", "Radio-diagnostic", "DR"],
    ["10", "Médecin", "SM15", "Dermatologie et vénéréologie", "DR"],
    ["21", "Pharmacien", "", "", "DR"],
    ["40", "Chirurgien-Dentiste", "", "", "DR"],
    ["50", "Sage-Femme", "", "", ""],
    ["60", "Infirmier", "", "", ""],
    ["70", "Masseur-Kinésithérapeute", "", "", ""],
];
const CITIES: &[(&str, &str)] = &[
    ("38200", "VIENNE"),
    ("69002", "LYON"),
    ("69700", "GIVORS"),
    ("38300", "BOURGOIN JALLIEU"),
    ("42000", "ST ETIENNE"),
    ("29200", "BREST"),
    ("59000", "LILLE"),
    ("2A000", "AJACCIO"),
    ("97400", "ST DENIS"),
    ("75015", "PARIS"),
];

/// The columns that vary; the others are derived.
struct Line<'l> {
    organisation: bool,
    address: &'l str,
    rpps: &'l str,
    service: &'l str,
    family: &'l str,
    given: &'l str,
    calling: [&'l str; 5],
    paperless: bool,
    /// Name, FINESS, postal code, town.
    structure: Option<(&'l str, &'l str, &'l str, &'l str)>,
}

impl Line<'_> {
    fn write(&self, out: &mut String) {
        let person = !self.organisation;
        let [code, label, skill, skill_label, title] = self.calling;
        let (name, finess, postal, city) = self.structure.unwrap_or_default();
        let given_if = |shown: bool, text: &str| if shown { text.to_owned() } else { String::new() };
        let in_place = self.structure.is_some();
        let department = if postal.starts_with("97") { postal.get(..3) } else { postal.get(..2) };
        let columns: [String; 31] = [
            if person { "PER" } else { "ORG" }.to_owned(),
            self.address.to_owned(),
            given_if(person, "8"),
            given_if(person, self.rpps),
            given_if(person, &format!("8{}", self.rpps)),
            given_if(in_place, "FINESS"),
            finess.to_owned(),
            self.service.to_owned(),
            title.to_owned(),
            given_if(person, self.family),
            given_if(person, self.given),
            given_if(person, "C"),
            given_if(person, "Civil"),
            given_if(person, code),
            given_if(person, label),
            skill.to_owned(),
            skill_label.to_owned(),
            if self.paperless { "O" } else { "N" }.to_owned(),
            name.to_owned(),
            String::new(),
            String::new(),
            String::new(),
            given_if(in_place, "12"),
            String::new(),
            given_if(in_place, "RUE"),
            given_if(in_place, "DES ESSAIS"),
            String::new(),
            if in_place { format!("{postal} {city}") } else { String::new() },
            postal.to_owned(),
            department.unwrap_or_default().to_owned(),
            given_if(in_place, "FRANCE"),
        ];
        let _ = writeln!(out, "{}", columns.join("|"));
    }
}

/// The extraction: the practice's owner and correspondents, then `count` invented mailboxes with homonyms among them,
/// some people with two specialties (two lines) and one in eight organisations. Same arguments, same bytes.
pub fn extraction(count: usize, seed: u64) -> String {
    let mut out = String::with_capacity(200 * (count + 40));
    out.push_str(HEADER);
    out.push('\n');
    owner(&mut out);
    for (index, colleague) in COLLEAGUES.iter().enumerate() {
        of_colleague(&mut out, colleague, index, (&colleague.address(), colleague.structure, 1_000 + index));
    }
    if let Some((index, colleague)) = with_two_mailboxes() {
        of_colleague(&mut out, &colleague, index, (AT_CABINET.0, AT_CABINET.1, 1_500));
    }
    let mut chance = Chance::new(seed);
    for n in 0..count {
        if chance.percent(12) {
            organisation(&mut out, n, &mut chance)
        } else {
            person(&mut out, n, &mut chance)
        }
    }
    out
}

fn owner(out: &mut String) {
    let holder = Persona::holder();
    let line = Line {
        organisation: false,
        address: &holder.address,
        rpps: HOLDER_RPPS,
        service: "",
        family: "LEROY",
        given: "Anne",
        calling: CALLINGS.first().copied().unwrap_or_default(),
        paperless: true,
        structure: Some(("CABINET DU DR LEROY", "990000128", "38200", "VIENNE")),
    };
    line.write(out);
}

/// One mailbox of a colleague: address, structure and its number.
fn of_colleague(out: &mut String, c: &Colleague, index: usize, mailbox: (&str, &str, usize)) {
    let (address, structure, number) = mailbox;
    let profession = match c.trade {
        Trade::Pharmacist => ["21", "Pharmacien", "", "", "DR"],
        Trade::Nurse => [c.code, c.label, "", "", ""],
        _ => ["10", "Médecin", c.code, c.label, "DR"],
    };
    let organisation = c.given.is_empty();
    let line = Line {
        organisation,
        address,
        rpps: &rpps(100 + index as u64),
        service: if organisation { c.family } else { "" },
        family: c.family,
        given: c.given,
        calling: if organisation { [""; 5] } else { profession },
        paperless: !index.is_multiple_of(3),
        structure: Some((
            &structure.to_uppercase(),
            &format!("99{number:07}"),
            c.postal,
            &c.city.to_uppercase(),
        )),
    };
    line.write(out);
}

fn ascii(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    name.nfd()
        .filter(char::is_ascii)
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect()
}

fn place(chance: &mut Chance) -> (&'static str, &'static str) {
    CITIES.get(chance.index(CITIES.len())).copied().unwrap_or(("38200", "VIENNE"))
}

fn person(out: &mut String, n: usize, chance: &mut Chance) {
    let (family, given) = (chance.line(SURNAMES), chance.line(GIVEN));
    let calling = CALLINGS.get(chance.index(CALLINGS.len())).copied().unwrap_or_default();
    let domain = match calling[0] {
        "21" => "pharmacien.mssante.example",
        "60" | "70" | "50" => "soignant.mssante.example",
        _ => "medecin.mssante.example",
    };
    let address = format!("{}.{}.{n}@{domain}", ascii(given), ascii(family));
    let (postal, city) = place(chance);
    let name = format!("CABINET MEDICAL {city}");
    let finess = format!("99{:07}", 10_000 + n);
    let mut line = Line {
        organisation: false,
        address: &address,
        rpps: &rpps(10_000 + n as u64),
        service: "",
        family,
        given,
        calling,
        paperless: chance.percent(70),
        // many personal mailboxes belong to no structure
        structure: chance.percent(60).then_some((&name, &finess, postal, city)),
    };
    line.write(out);
    if calling[2] == "SM04" && chance.percent(20) {
        line.calling = ["10", "Médecin", "SM25", "Gériatrie", "DR"];
        line.write(out);
    }
}

fn organisation(out: &mut String, n: usize, chance: &mut Chance) {
    let (postal, city) = place(chance);
    let service = chance.line(&["CARDIOLOGIE", "URGENCES", "PEDIATRIE", "SECRETARIAT MEDICAL", "IMAGERIE"]);
    let name = format!("CH DE {city}");
    let line = Line {
        organisation: true,
        address: &format!("{}.{n}@ch-{}.mssante.example", ascii(service), ascii(city)),
        rpps: "",
        service,
        family: "",
        given: "",
        calling: [""; 5],
        paperless: true,
        structure: Some((&name, &format!("99{:07}", 500_000 + n), postal, city)),
    };
    line.write(out);
}
