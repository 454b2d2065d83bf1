//! Fictitious professionals, and the owner of the practice mailbox.

use super::chance::Chance;
use crate::domain::card::Holder;
use crate::health::document::Author;

/// What the owner of a mailbox does; decides the mail received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Médecin généraliste.
    GeneralPractitioner,
    /// Cardiologue.
    Cardiologist,
    /// Pharmacien d'officine.
    Pharmacist,
    /// Service of a hospital.
    Hospital,
    /// Laboratoire de biologie.
    Laboratory,
}

/// Owner of a fictitious mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persona {
    /// Name shown, such as `Dr Anne LEROY`.
    pub name: String,
    /// Address.
    pub address: String,
    /// What they do.
    pub role: Role,
}

impl Persona {
    /// The holder of the practice card.
    pub fn holder() -> Self {
        Self {
            name: "Dr Anne LEROY".to_owned(),
            address: "anne.leroy@medecin.mssante.example".to_owned(),
            role: Role::GeneralPractitioner,
        }
    }
}

/// The PIN of the practice card.
pub const PIN: &str = "1234";
/// Its unblocking code.
pub const PUK: &str = "12345678";

/// RPPS of the holder: 999 and a right Luhn key.
pub(super) const HOLDER_RPPS: &str = "99900000128";

/// Whose card a second reader holds in pictures.
pub fn second_holder() -> Holder {
    Holder {
        national_id: "899900000136".to_owned(),
        family_name: "BENALI".to_owned(),
        given_name: "Karim".to_owned(),
        title: "Pharmacien".to_owned(),
        profession: Some(21),
        card_number: Some("9900017712".to_owned()),
        ..holder()
    }
}

/// The practice card's holder: Dr Anne LEROY, card ending in 3626, valid until 14/03/2028.
pub fn holder() -> Holder {
    Holder {
        national_id: format!("8{HOLDER_RPPS}"),
        family_name: "LEROY".to_owned(),
        given_name: "Anne".to_owned(),
        title: "Médecin".to_owned(),
        profession: Some(10),
        structure: None,
        card_number: Some("9900013626".to_owned()),
        product: Some(0),
        // 2028-03-14T23:59:59Z
        not_after: 1_836_691_199,
    }
}

/// What a correspondent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trade {
    Doctor,
    Hospital,
    Laboratory,
    Pharmacist,
    Nurse,
    Authority,
}

/// A correspondent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colleague {
    pub(super) trade: Trade,
    /// Empty for services.
    pub(super) given: &'static str,
    /// Name in capitals, or name of the service.
    pub(super) family: &'static str,
    pub(super) local: &'static str,
    pub(super) domain: &'static str,
    /// `cardiologue`…
    pub(super) calling: &'static str,
    /// Code and label of the specialty (JDV J107), or of the profession alone.
    pub(super) code: &'static str,
    pub(super) label: &'static str,
    pub(super) structure: &'static str,
    pub(super) city: &'static str,
    pub(super) postal: &'static str,
}

impl Colleague {
    pub(super) fn address(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// `Dr Marie MARTIN`, or the name of the service.
    pub(super) fn display(&self) -> String {
        match self.trade {
            Trade::Doctor | Trade::Pharmacist if !self.given.is_empty() => {
                format!("Dr {} {}", self.given, self.family)
            }
            _ if !self.given.is_empty() => format!("{} {}", self.given, self.family),
            _ => self.family.to_owned(),
        }
    }

    pub(super) fn signature(&self) -> String {
        let calling = if self.calling.is_empty() { String::new() } else { format!("\n{}", self.calling) };
        format!("{}{calling}\n{}, {} {}", self.display(), self.structure, self.postal, self.city)
    }

    /// National identifier: `8` + an RPPS in 999.
    pub(super) fn national_id(&self, index: usize) -> String {
        format!("8{}", rpps(100 + index as u64))
    }

    pub(super) fn author(&self, index: usize) -> Author {
        Author {
            national_id: self.national_id(index),
            family_name: if self.given.is_empty() { "SERVICE".to_owned() } else { self.family.to_owned() },
            given_name: if self.given.is_empty() { "Médecin".to_owned() } else { self.given.to_owned() },
            profession_code: format!(
                "G15_10/{}",
                if self.code.starts_with("SM") { self.code } else { "SM26" }
            ),
            profession: format!("Médecin - {} (SM)", self.label),
            organisation: self.structure.to_owned(),
            organisation_id: format!("199{:07}", 1_000 + index),
        }
    }
}

/// RPPS number `n` of the fictitious range: 999, seven digits, Luhn key.
pub(super) fn rpps(n: u64) -> String {
    let body = format!("999{:07}", n % 10_000_000);
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, b)| {
            let digit = u32::from(b.wrapping_sub(b'0'));
            match (at % 2 == 0, digit * 2) {
                (false, _) => digit,
                (true, doubled) if doubled > 9 => doubled - 9,
                (true, doubled) => doubled,
            }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

macro_rules! colleagues {
    ($($trade:ident $given:literal $family:literal $local:literal $domain:literal $calling:literal $code:literal $label:literal $structure:literal $city:literal $postal:literal;)+) => {
        &[$(Colleague { trade: Trade::$trade, given: $given, family: $family, local: $local, domain: $domain,
            calling: $calling, code: $code, label: $label, structure: $structure, city: $city, postal: $postal },)+]
    };
}

/// The correspondents; the first ones are those of the newest messages.
#[rustfmt::skip]
pub(super) const COLLEAGUES: &[Colleague] = colleagues! {
    Laboratory "" "Laboratoire BIOVAL" "resultats" "bioval.mssante.example" "laboratoire" "" "" "Laboratoire BIOVAL" "Vienne" "38200";
    Doctor "Marie" "MARTIN" "marie.martin" "medecin.mssante.example" "cardiologue" "SM04" "Cardiologie et maladies vasculaires" "Cabinet de cardiologie Bellecour" "Lyon" "69002";
    Hospital "" "CH de Vienne – Urgences" "urgences" "ch-vienne.mssante.example" "" "" "" "CH de Vienne" "Vienne" "38200";
    Pharmacist "" "Pharmacie des Cèdres" "pharmacie.cedres" "pharmacien.mssante.example" "pharmacien" "21" "Pharmacien" "Pharmacie des Cèdres" "Vienne" "38200";
    Doctor "Karim" "BENALI" "karim.benali" "medecin.mssante.example" "radiologue" "SM44" "Radio-diagnostic" "Imagerie médicale du Parc" "Lyon" "69006";
    Doctor "Sophie" "LE GALL" "sophie.legall" "medecin.mssante.example" "pédiatre" "SM40" "Pédiatrie" "Maison médicale de Givors" "Givors" "69700";
    Nurse "" "Cabinet infirmier Roche" "cabinet.roche" "infirmier.mssante.example" "infirmier" "60" "Infirmier" "Cabinet infirmier Roche" "Vienne" "38200";
    Doctor "Hervé" "PERRIN" "herve.perrin" "bioval.mssante.example" "biologiste" "SM03" "Biologie médicale" "Laboratoire BIOVAL" "Vienne" "38200";
    Doctor "Claire" "FONTAINE" "claire.fontaine" "medecin.mssante.example" "dermatologue" "SM15" "Dermatologie et vénéréologie" "Cabinet de dermatologie des Terreaux" "Lyon" "69001";
    Doctor "Youssef" "HADDAD" "youssef.haddad" "ch-vienne.mssante.example" "gastro-entérologue" "SM24" "Gastro-entérologie et hépatologie" "CH de Vienne" "Vienne" "38200";
    Doctor "Élise" "ROUSSET" "elise.rousset" "medecin.mssante.example" "ophtalmologue" "SM38" "Ophtalmologie" "Centre ophtalmologique du Rhône" "Lyon" "69003";
    Doctor "Bruno" "CHAPUIS" "bruno.chapuis" "medecin.mssante.example" "pneumologue" "SM43" "Pneumologie" "Cabinet de pneumologie de Bourgoin" "Bourgoin-Jallieu" "38300";
    Doctor "Nadia" "BOUVIER" "nadia.bouvier" "ghn-lyon.mssante.example" "endocrinologue" "SM18" "Endocrinologie, diabétologie, nutrition" "Groupement hospitalier Nord-Lyon" "Lyon" "69004";
    Doctor "Thomas" "VERDIER" "thomas.verdier" "medecin.mssante.example" "rhumatologue" "SM48" "Rhumatologie" "Cabinet médical des Brotteaux" "Lyon" "69006";
    Doctor "Anne-Laure" "MICHAUD" "al.michaud" "medecin.mssante.example" "neurologue" "SM32" "Neurologie" "Clinique du Val d'Ozon" "Saint-Priest" "69800";
    Doctor "Philippe" "DELORME" "philippe.delorme" "clinique-valois.mssante.example" "chirurgien orthopédiste" "SM11" "Chirurgie orthopédique et traumatologie" "Clinique du Valois" "Lyon" "69008";
    Doctor "Inès" "CARVALHO" "ines.carvalho" "medecin.mssante.example" "gynécologue" "SM20" "Gynécologie-obstétrique" "Maison de la femme" "Vienne" "38200";
    Doctor "Olivier" "SAUNIER" "olivier.saunier" "medecin.mssante.example" "médecin généraliste" "SM26" "Qualifié en Médecine Générale" "Maison de santé de Pont-Évêque" "Pont-Évêque" "38780";
    Doctor "Marie" "MARTIN" "marie.martin2" "medecin.mssante.example" "médecin généraliste" "SM26" "Qualifié en Médecine Générale" "Cabinet médical de Condrieu" "Condrieu" "69420";
    Hospital "" "GHN Lyon – Cardiologie" "secretariat.cardiologie" "ghn-lyon.mssante.example" "" "" "" "Groupement hospitalier Nord-Lyon" "Lyon" "69004";
    Hospital "" "Clinique du Valois – Orthopédie" "orthopedie" "clinique-valois.mssante.example" "" "" "" "Clinique du Valois" "Lyon" "69008";
    Hospital "" "CH de Vienne – Médecine polyvalente" "medecine.polyvalente" "ch-vienne.mssante.example" "" "" "" "CH de Vienne" "Vienne" "38200";
    Laboratory "" "Laboratoire des Deux-Fleuves" "diffusion" "labo-deuxfleuves.mssante.example" "laboratoire" "" "" "Laboratoire des Deux-Fleuves" "Givors" "69700";
    Pharmacist "Lucas" "GIRAUD" "lucas.giraud" "pharmacien.mssante.example" "pharmacien" "21" "Pharmacien" "Pharmacie de la Halle" "Vienne" "38200";
    Nurse "Julie" "TEYSSIER" "julie.teyssier" "infirmier.mssante.example" "infirmière" "60" "Infirmier" "Cabinet infirmier Roche" "Vienne" "38200";
    Nurse "Marc" "POULAIN" "marc.poulain" "kine.mssante.example" "masseur-kinésithérapeute" "70" "Masseur-Kinésithérapeute" "Cabinet de kinésithérapie du Rhône" "Vienne" "38200";
    Authority "" "ARS fictive – Veille sanitaire" "alerte" "ars-fictive.mssante.example" "" "" "" "Agence régionale de santé fictive" "Lyon" "69003";
    Authority "" "CPTS Rhône-Isère" "coordination" "cpts-rhone-isere.mssante.example" "" "" "" "CPTS Rhône-Isère" "Vienne" "38200";
};

/// The mailbox one of them has beside that of the hospital; results are better sent to the latter.
pub(super) const AT_CABINET: (&str, &str) =
    ("nadia.bouvier@medecin.mssante.example", "Cabinet d'endocrinologie de la Croix-Rousse");

/// The colleague with two mailboxes.
pub(super) fn with_two_mailboxes() -> Option<(usize, Colleague)> {
    COLLEAGUES.iter().copied().enumerate().find(|(_, c)| AT_CABINET.0.starts_with(c.local))
}

/// Of the colleague with two mailboxes, the one the practice's owner prefers for results of biology.
pub fn preferred_for_biology() -> Option<String> {
    with_two_mailboxes().map(|(_, colleague)| colleague.address())
}

/// A correspondent of a trade, with the index in the table.
pub(super) fn of_trade(trade: Trade, chance: &mut Chance) -> (usize, Colleague) {
    let of: Vec<(usize, Colleague)> =
        COLLEAGUES.iter().copied().enumerate().filter(|(_, c)| c.trade == trade).collect();
    let at = chance.index(of.len());
    of.get(at).copied().unwrap_or((0, FIRST))
}

/// Correspondent `n` of the table.
pub(super) fn colleague(n: usize) -> Colleague {
    COLLEAGUES.get(n).copied().unwrap_or(FIRST)
}

const FIRST: Colleague = Colleague {
    trade: Trade::Doctor,
    given: "Alix",
    family: "TESTARD",
    local: "alix.testard",
    domain: "medecin.mssante.example",
    calling: "médecin",
    code: "SM26",
    label: "Qualifié en Médecine Générale",
    structure: "Cabinet des Essais",
    city: "Vienne",
    postal: "38200",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fictitious_rpps_numbers_carry_a_luhn_key() {
        assert_eq!(rpps(1), "99900000011");
        assert_eq!(rpps(2), "99900000029");
        assert_eq!(rpps(12), HOLDER_RPPS);
        assert_eq!(holder().rpps(), Some(HOLDER_RPPS));
    }
}
