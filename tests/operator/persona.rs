//! The one table of fictitious people, mailboxes and cards that every other part reads.

/// The PIN of every virtual card.
pub const PIN: &str = "1234";
/// The unblocking code of every virtual card.
pub const PUK: &str = "12345678";

/// A CPS3 card. RPPS numbers start with 999, which the national directory does not give out.
pub struct Card {
    /// Name on the command line.
    pub name: &'static str,
    /// RPPS, 11 digits with a valid Luhn key.
    pub rpps: &'static str,
    /// Last five bytes of the card number, as ten digits.
    pub serial: &'static str,
    pub title: &'static str,
    pub family: &'static str,
    pub given: &'static str,
    /// Profession, nomenclature TRE_G15.
    pub profession: u32,
    pub state: CardState,
    /// Its directory lists the unblocking code, as IAS-ECC cards may: only then OpenSC can use it.
    pub lists_unblocking: bool,
}

/// What is wrong with a card's certificates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    Good,
    Expired,
    Revoked,
}

pub const CARDS: &[Card] = &[
    card("leroy", "99900000011", "2900000011", "Médecin", "LEROY", "ANNE", 10, CardState::Good),
    // the card the same doctor gets three years later
    card("renewed", "99900000011", "2900000110", "Médecin", "LEROY", "ANNE", 10, CardState::Good),
    card("martin", "99900000029", "2900000029", "Médecin", "MARTIN", "MARIE", 10, CardState::Good),
    card("benali", "99900000037", "2900000037", "Pharmacien", "BENALI", "KARIM", 21, CardState::Good),
    Card {
        lists_unblocking: true,
        ..card(
            "roux",
            "99900000086",
            "2900000086",
            "Chirurgien-Dentiste",
            "ROUX",
            "INES",
            40,
            CardState::Good,
        )
    },
    card("expired", "99900000045", "2900000045", "Médecin", "GIRARD", "PAUL", 10, CardState::Expired),
    card("revoked", "99900000052", "2900000052", "Médecin", "FAURE", "LUC", 10, CardState::Revoked),
];

#[allow(clippy::too_many_arguments)]
const fn card(
    name: &'static str,
    rpps: &'static str,
    serial: &'static str,
    title: &'static str,
    family: &'static str,
    given: &'static str,
    profession: u32,
    state: CardState,
) -> Card {
    Card { name, rpps, serial, title, family, given, profession, state, lists_unblocking: false }
}

/// Who can prove their identity to Pro Santé Connect, beside the holders of the cards above.
pub struct Professional {
    /// Name on the provider's page.
    pub name: &'static str,
    /// RPPS, as for a card.
    pub rpps: &'static str,
    pub title: &'static str,
    pub family: &'static str,
    pub given: &'static str,
    pub profession: u32,
}

pub const PROFESSIONALS: &[Professional] = &[
    midwife("moreau", "99900000060", "MOREAU", "LEA"),
    // has no mailbox here
    midwife("petit", "99900000078", "PETIT", "HUGO"),
];

const fn midwife(
    name: &'static str,
    rpps: &'static str,
    family: &'static str,
    given: &'static str,
) -> Professional {
    Professional { name, rpps, title: "Sage-Femme", family, given, profession: 50 }
}

/// Name under which the reader takes a Vitale card, of which only the ATR exists.
pub const VITALE: &str = "vitale";

/// How the holder of a mailbox logs in.
pub enum Login {
    /// By the card of this name.
    Card(&'static str),
    Password(&'static str),
    /// By Pro Santé Connect, as the professional of this name.
    Psc(&'static str),
    /// By the organisation's certificate of this name.
    Certificate(&'static str),
}

pub struct Mailbox {
    pub address: &'static str,
    pub name: &'static str,
    pub login: Login,
    /// Gets the seeded messages.
    pub seeded: bool,
    /// The columns of the annuaire that the table of cards does not give.
    pub listing: Listing,
}

/// Directory entry: code and label of the know-how, then the structure and its town.
pub struct Listing {
    pub skill: (&'static str, &'static str),
    pub service: &'static str,
    pub structure: (&'static str, &'static str),
    pub street: &'static str,
    pub postcode: &'static str,
    pub town: &'static str,
}

pub const MAILBOXES: &[Mailbox] = &[
    Mailbox {
        address: "anne.leroy@medecin.mssante.example",
        name: "Dr Anne LEROY",
        login: Login::Card("leroy"),
        seeded: true,
        listing: Listing {
            skill: ("SM26", "Qualifié en Médecine Générale"),
            service: "",
            structure: ("990000011", "CABINET DU DR LEROY"),
            street: "PASTEUR",
            postcode: "38200",
            town: "VIENNE",
        },
    },
    Mailbox {
        address: "marie.martin@medecin.mssante.example",
        name: "Dr Marie MARTIN",
        login: Login::Card("martin"),
        seeded: true,
        listing: Listing {
            skill: ("SM04", "Cardiologie et maladies vasculaires"),
            service: "",
            structure: ("990000029", "CABINET DE CARDIOLOGIE DES TERREAUX"),
            street: "DE LA REPUBLIQUE",
            postcode: "69001",
            town: "LYON",
        },
    },
    Mailbox {
        address: "karim.benali@pharmacien.mssante.example",
        name: "Karim BENALI",
        login: Login::Card("benali"),
        seeded: true,
        listing: Listing {
            skill: ("", ""),
            service: "",
            structure: ("990000037", "PHARMACIE DU RHONE"),
            street: "VICTOR HUGO",
            postcode: "38200",
            town: "VIENNE",
        },
    },
    Mailbox {
        address: "urgences@ch-vienne.mssante.example",
        name: "Urgences CH Vienne",
        login: Login::Password("urgences-vienne"),
        seeded: false,
        listing: Listing {
            skill: ("", ""),
            service: "Urgences",
            structure: ("990000045", "CENTRE HOSPITALIER DE VIENNE"),
            street: "DU MONT SALOMON",
            postcode: "38200",
            town: "VIENNE",
        },
    },
    Mailbox {
        address: "integration@ch-vienne.mssante.example",
        name: "Intégration CH Vienne",
        login: Login::Certificate(ORGANISATION),
        seeded: false,
        listing: Listing {
            skill: ("", ""),
            service: "Intégration des documents",
            structure: ("990000045", "CENTRE HOSPITALIER DE VIENNE"),
            street: "DU MONT SALOMON",
            postcode: "38200",
            town: "VIENNE",
        },
    },
    Mailbox {
        address: "resultats@bioval.mssante.example",
        name: "Laboratoire BIOVAL",
        login: Login::Password("resultats-bioval"),
        seeded: false,
        listing: Listing {
            skill: ("", ""),
            service: "Résultats",
            structure: ("990000052", "LABORATOIRE BIOVAL"),
            street: "DES CARMES",
            postcode: "38200",
            town: "VIENNE",
        },
    },
    Mailbox {
        address: "lea.moreau@sage-femme.mssante.example",
        name: "Léa MOREAU",
        login: Login::Psc("moreau"),
        seeded: false,
        listing: Listing {
            skill: ("", ""),
            service: "",
            structure: ("990000060", "CABINET DE MME MOREAU"),
            street: "DE LA LIBERTE",
            postcode: "38200",
            town: "VIENNE",
        },
    },
];

/// Common name of the organisation certificate that opens an applicative mailbox.
pub const ORGANISATION: &str = "integration.ch-vienne.mssante.example";

impl Card {
    /// The national identifier, which is the CN of the certificate: `8` and the RPPS.
    pub fn national_id(&self) -> String {
        format!("8{}", self.rpps)
    }

    /// Its holder.
    pub fn professional(&self) -> Professional {
        Professional {
            name: self.name,
            rpps: self.rpps,
            title: self.title,
            family: self.family,
            given: self.given,
            profession: self.profession,
        }
    }

    /// The card number as the card stores it: two digits a byte.
    pub fn serial_bytes(&self) -> [u8; 5] {
        std::array::from_fn(|i| u8::from_str_radix(&self.serial[2 * i..2 * i + 2], 16).unwrap())
    }
}

impl Mailbox {
    pub fn domain(&self) -> &'static str {
        self.address.split_once('@').unwrap().1
    }

    /// The card that opens this mailbox.
    pub fn card(&self) -> Option<&'static Card> {
        match self.login {
            Login::Card(name) => CARDS.iter().find(|c| c.name == name),
            _ => None,
        }
    }

    /// The person this mailbox belongs to.
    pub fn professional(&self) -> Option<Professional> {
        match self.login {
            Login::Card(name) => CARDS.iter().find(|c| c.name == name).map(Card::professional),
            Login::Psc(name) => professionals().into_iter().find(|p| p.name == name),
            Login::Password(_) | Login::Certificate(_) => None,
        }
    }

    /// The certificate's common name that opens this mailbox.
    pub fn common_name(&self) -> Option<String> {
        match self.login {
            Login::Certificate(name) => Some(name.to_owned()),
            _ => self.card().map(Card::national_id),
        }
    }
}

/// Everybody whom Pro Santé Connect knows: a card is one way to log in there.
pub fn professionals() -> Vec<Professional> {
    let holders = CARDS.iter().filter(|c| c.state == CardState::Good).map(Card::professional);
    let others = PROFESSIONALS.iter().map(|p| Professional { ..*p });
    holders.chain(others).collect()
}

impl Professional {
    /// The national identifier: `8` and the RPPS.
    pub fn national_id(&self) -> String {
        format!("8{}", self.rpps)
    }
}

/// The domains this operator hosts, each once, in the order of the table.
pub fn local_domains() -> Vec<&'static str> {
    let mut domains: Vec<_> = MAILBOXES.iter().map(Mailbox::domain).collect();
    domains.dedup();
    domains
}
