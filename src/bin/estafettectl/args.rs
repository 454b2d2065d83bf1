//! The command line. Its help is in English throughout: clap compiles it in, with words of its own that cannot be
//! translated, while answers and errors follow `--lang`.

use std::path::PathBuf;

use clap::{Args as Group, Parser, Subcommand, ValueEnum};
use estafette::domain::account::{AuthMethod, Security};
use estafette::domain::ldap::{BASE, LdapAttributes, LdapField, LdapServer};

/// Estafette, mail client for MSSanté, from a terminal.
#[derive(Parser)]
#[command(name = "estafettectl", version, about)]
pub(crate) struct Args {
    /// Profile folder (default: the user's data folder).
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) profile: Option<PathBuf>,
    /// One JSON document on standard output; errors as JSON on standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// File that holds the PIN of the card.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) pin_file: Option<PathBuf>,
    /// File that holds the recovery code, such as the page it was saved on: opens without keyring and card, or gives a
    /// renewed card its way in.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) recovery_code_file: Option<PathBuf>,
    /// Private file in place of the system's keyring; made on first use.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) vault_key_file: Option<PathBuf>,
    /// PKCS#11 module to use.
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) module: Option<PathBuf>,
    /// Where Pro Santé Connect is needed, only print its address instead of opening the browser too.
    #[arg(long, global = true)]
    pub(crate) no_browser: bool,
    /// Language of messages (fr, en).
    #[arg(long, global = true)]
    pub(crate) lang: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Mailboxes of this profile.
    #[command(subcommand)]
    Account(AccountCommand),
    /// The CPS card.
    #[command(subcommand)]
    Card(CardCommand),
    /// What opens the local store: keyring, card, recovery code.
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Fetch what is new and send local changes.
    Sync {
        /// Only this account (its address).
        #[arg(long)]
        account: Option<String>,
        /// Only report this folder's counts afterwards.
        #[arg(long)]
        folder: Option<String>,
        /// Also the large messages, which are fetched on request only.
        #[arg(long)]
        all: bool,
    },
    /// Folders with counts, a star for those whose changes are told at once; with a subcommand, their changes.
    Folders {
        #[command(subcommand)]
        change: Option<FolderCommand>,
    },
    /// Be told of changes in a folder at once, as in the inbox.
    Watch {
        /// Folder path.
        folder: String,
        /// No more.
        #[arg(long)]
        off: bool,
    },
    /// Messages of a folder, newest first.
    List {
        /// Folder path (default: the inbox).
        #[arg(long)]
        folder: Option<String>,
        /// Most rows.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// One message.
    Show {
        /// Message identifier, from `list` or `search`.
        id: i64,
        /// Write the attachment of this number (from 0) to standard output.
        #[arg(long)]
        part: Option<usize>,
        /// Write the source to standard output.
        #[arg(long)]
        raw: bool,
    },
    /// A message, or one of its documents, as pages to print.
    Print {
        /// Message identifier, from `list` or `search`.
        id: i64,
        /// The document of this number (from 1, as in the documents of the message) instead of the message; a PDF comes
        /// as it is.
        #[arg(long, value_name = "NUMBER")]
        document: Option<usize>,
        /// New PDF file.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Full-text search.
    Search {
        /// Words, "phrases", -excluded, de: à: objet: patient: type: dans: avant: après: entre: avec:pj anormal non-lu
        /// (or from: to: subject: kind: in: before: after: between: has:attachment abnormal unread).
        query: String,
        /// Also count what was found, by sender, patient, topic, age and state.
        #[arg(long)]
        facets: bool,
        /// Most rows.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Write a message and send it.
    Send(SendArgs),
    /// Messages on their way.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Answer a request for a read receipt, once.
    Receipt {
        /// Message identifier.
        id: i64,
        /// Send none, now and later.
        #[arg(long)]
        decline: bool,
    },
    /// Set (+) or clear (-) flags: seen, flagged, answered, or any keyword such as $Label1.
    Flag {
        /// Message identifiers, then flags such as +seen -flagged '+$Label1'.
        #[arg(required = true, num_args = 2.., allow_hyphen_values = true)]
        what: Vec<String>,
    },
    /// Move messages to a folder.
    Move {
        /// Message identifiers, then the folder path.
        #[arg(required = true, num_args = 2..)]
        what: Vec<String>,
    },
    /// Copy messages to a folder.
    Copy {
        /// Message identifiers, then the folder path.
        #[arg(required = true, num_args = 2..)]
        what: Vec<String>,
    },
    /// Delete messages: to the bin, or for good from the bin.
    Delete {
        /// Message identifiers.
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Write messages to files.
    Export(ExportArgs),
    /// Put messages of files into a folder; those the mailbox has already are passed over.
    Import {
        /// EML or mbox files, ZIP archives of them, folders of EML files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Folder path (default: the inbox).
        #[arg(long, conflicts_with = "archive")]
        folder: Option<String>,
        /// Into the encrypted archive instead: no server gets them.
        #[arg(long)]
        archive: bool,
    },
    /// The encrypted archive on a stick or network drive.
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// The national directory.
    #[command(subcommand)]
    Annuaire(AnnuaireCommand),
    /// Patients the documents name.
    #[command(subcommand)]
    Patient(PatientCommand),
    /// Say where messages stand, for every station of the practice.
    State {
        /// Message identifiers, then to-do, to-file, to-read, filed or none.
        #[arg(required = true, num_args = 2..)]
        what: Vec<String>,
    },
    /// Health documents in files.
    #[command(subcommand)]
    Document(DocumentCommand),
    /// Write what messages bring to the folders of the practice software, once, and mark them as filed.
    File {
        /// Message identifiers.
        #[arg(required_unless_present = "undo")]
        ids: Vec<i64>,
        /// Only to these destinations, by name (default: the usual ones).
        #[arg(long, value_name = "NAME", num_args = 1..)]
        to: Vec<String>,
        /// Write again what was filed before.
        #[arg(long)]
        again: bool,
        /// Take the filing of this number back.
        #[arg(long, value_name = "GESTURE", conflicts_with_all = ["ids", "to", "again"])]
        undo: Option<i64>,
    },
    /// Hand a link such as `estafette:patient?ins=…` to the program, which is started when it does not run.
    Open {
        /// The link.
        link: String,
    },
    /// Folders of the practice software.
    #[command(subcommand)]
    Destination(DestinationCommand),
    /// Rules that file, mark and move messages as they arrive.
    #[command(subcommand)]
    Rule(RuleCommand),
    /// Check the whole chain from the card reader to the mailbox, one line each.
    Doctor {
        /// Print what can be sent to who helps: codes and counts, no name, address or subject.
        #[arg(long)]
        anonymous: bool,
    },
}

#[derive(Group)]
pub(crate) struct ExportArgs {
    /// Message identifiers.
    #[arg(required_unless_present_any = ["folder", "patient"], conflicts_with_all = ["folder", "patient"])]
    pub(crate) ids: Vec<i64>,
    /// All messages of this folder.
    #[arg(long)]
    pub(crate) folder: Option<String>,
    /// All messages attached to the patient of this identifier.
    #[arg(long, conflicts_with = "folder")]
    pub(crate) patient: Option<i64>,
    /// What is written.
    #[arg(long, value_enum, default_value = "mbox")]
    pub(crate) form: Form,
    /// New file or folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) out: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// One message, byte for byte.
    Eml,
    /// A folder with one such file a message.
    Folder,
    /// One file of all messages (mboxrd).
    Mbox,
    /// A ZIP archive with a folder for each patient and an index.
    Patients,
}

#[derive(Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Make an archive in a folder, and archive to it from now on.
    Create {
        /// The folder.
        place: PathBuf,
        /// File that holds the code it is to have, such as that of the store.
        #[arg(long, value_name = "FILE", conflicts_with = "out")]
        code_file: Option<PathBuf>,
        /// New private file for a new code, as a page to print.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Archive to an archive that is there already.
    Join {
        /// The folder.
        place: PathBuf,
        /// File that holds its code.
        #[arg(long, value_name = "FILE")]
        code_file: PathBuf,
    },
    /// What it holds, what is not in it yet, when it was verified.
    Status,
    /// How often the program archives by itself.
    Rhythm {
        /// How often.
        times: Times,
        /// Days after which the operator deletes messages; 0 for never or unknown.
        #[arg(long, default_value_t = 0)]
        retention: u32,
    },
    /// Verify all of it, add what is missing, read it back.
    Run,
    /// Archive to it no more; it stays as it is.
    Forget,
    /// Messages in it, newest first.
    List {
        /// Words of sender, subject, mailbox or folder; accents do not matter.
        words: Vec<String>,
        /// Its folder (default: the one archived to).
        #[arg(long, value_name = "DIR")]
        place: Option<PathBuf>,
        /// File that holds its code; not needed for the one archived to.
        #[arg(long, value_name = "FILE")]
        code_file: Option<PathBuf>,
    },
    /// Messages of the archive that no mailbox holds any more, by the operators of `search`; its disk is not needed.
    Search {
        /// What to look for; everything when omitted.
        query: Vec<String>,
        /// Most rows.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Write the source of one message to standard output.
    Show {
        /// The beginning of its digest, from `list`.
        digest: String,
        /// Its folder (default: the one archived to).
        #[arg(long, value_name = "DIR")]
        place: Option<PathBuf>,
        /// File that holds its code; not needed for the one archived to.
        #[arg(long, value_name = "FILE")]
        code_file: Option<PathBuf>,
    },
    /// Verify all of it, and write its messages to files or into a folder of a mailbox; without either only verify.
    Restore(RestoreArgs),
}

#[derive(Group)]
pub(crate) struct RestoreArgs {
    /// Its folder (default: the one archived to).
    #[arg(long, value_name = "DIR")]
    pub(crate) place: Option<PathBuf>,
    /// File that holds its code; not needed for the one archived to.
    #[arg(long, value_name = "FILE")]
    pub(crate) code_file: Option<PathBuf>,
    /// To a new mbox file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["eml", "folder"])]
    pub(crate) mbox: Option<PathBuf>,
    /// To a new folder of EML files.
    #[arg(long, value_name = "DIR", conflicts_with = "folder")]
    pub(crate) eml: Option<PathBuf>,
    /// To this folder of a mailbox.
    #[arg(long)]
    pub(crate) folder: Option<String>,
    /// Pass over what is damaged, and say what it was.
    #[arg(long)]
    pub(crate) salvage: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Times {
    Never,
    Daily,
    Weekly,
}

#[derive(Subcommand)]
pub(crate) enum PatientCommand {
    /// Patients by name, birth date (26/11/1978) or INS; all without a query.
    List {
        /// Beginnings of names, a date, a matricule.
        #[arg(default_value = "")]
        query: String,
        /// Most rows.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// One patient with the messages that name them, newest first.
    Show {
        /// Patient identifier, from `list`.
        id: i64,
    },
    /// Analyses of a patient with their values, each unit apart.
    Biology {
        /// Patient identifier.
        id: i64,
    },
    /// What a message says of patients, and what its documents replace.
    Of {
        /// Message identifier.
        message: i64,
    },
    /// Mentions that wait for somebody to choose, with whom they may be about.
    Waiting {
        /// Most rows.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Attach a mention to a patient.
    Attach {
        /// Mention identifier, from `waiting` or `of`.
        mention: i64,
        /// Patient identifier.
        patient: i64,
        /// Also all others that wait and name exactly the same traits.
        #[arg(long)]
        alike: bool,
    },
    /// Make a patient of what a mention names.
    New {
        /// Mention identifier.
        mention: i64,
        /// Also attach all others that wait and name exactly the same traits.
        #[arg(long)]
        alike: bool,
    },
    /// Leave a mention without a patient.
    Leave {
        /// Mention identifier.
        mention: i64,
    },
    /// Take a mention from its patient, or from those left alone: it waits again.
    Detach {
        /// Mention identifier.
        mention: i64,
    },
    /// Two patients are one: the first is shown as the second from now on.
    Merge {
        /// Patient identifier.
        from: i64,
        /// The one that stays.
        into: i64,
    },
    /// Take a merge back.
    Part {
        /// The patient that was merged.
        id: i64,
    },
    /// Say that a document replaces another one, as it claims.
    Replace {
        /// Unique identifier of the older document, from `of`.
        old: String,
        /// Unique identifier of the newer one.
        new: String,
        /// It does not.
        #[arg(long, conflicts_with = "undo")]
        refuse: bool,
        /// Take back what was said.
        #[arg(long)]
        undo: bool,
    },
    /// Look into the documents of messages stored before this version could.
    Reopen,
}

#[derive(Subcommand)]
pub(crate) enum FolderCommand {
    /// Make a folder.
    Create {
        /// Its path, levels separated by `/`.
        path: String,
        /// Mailbox (default: the first).
        #[arg(long)]
        account: Option<String>,
    },
    /// Give a folder another name or place; those below it come along.
    Rename {
        /// Its path.
        path: String,
        /// The new path.
        to: String,
    },
    /// Delete a folder; its messages go to the bin.
    Delete {
        /// Its path.
        path: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// Add a mailbox. Without servers, they are found from the address' domain.
    Add(AccountAdd),
    /// List mailboxes.
    List,
    /// Log in to the servers of a mailbox.
    Check {
        /// Address; all when omitted.
        address: Option<String>,
    },
    /// Connections each mailbox may have to its IMAP server at a time.
    Connections {
        /// Another number, 1 to 20.
        most: Option<u32>,
    },
    /// Give a mailbox another password, in place of the one its server no longer takes.
    Password {
        /// Address.
        address: String,
        /// File that holds the password.
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
    },
    /// Give an applicative mailbox another certificate.
    Certificate {
        /// Address.
        address: String,
        /// Certificate of the organisation with its key (.p12, .pfx, .pem).
        #[arg(long, value_name = "FILE")]
        certificate: PathBuf,
        /// PEM file of the key, when it is not in the same file.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// File that holds the certificate's password.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Remove a mailbox from this machine.
    Remove {
        /// Address.
        address: String,
    },
}

#[derive(Group)]
pub(crate) struct AccountAdd {
    /// Mailbox address.
    #[arg(long)]
    pub(crate) address: String,
    /// Name shown to recipients.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Way to log in.
    #[arg(long, value_enum)]
    pub(crate) auth: Auth,
    /// IMAP server.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) imap: Option<String>,
    /// Submission server.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) smtp: Option<String>,
    /// When TLS starts.
    #[arg(long, value_enum, default_value = "starttls")]
    pub(crate) security: When,
    /// PEM file of the authorities to trust instead of the IGC Santé (servers outside MSSanté).
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// PEM file of revocation lists for these authorities.
    #[arg(long, value_name = "FILE", requires = "ca")]
    pub(crate) crl: Option<PathBuf>,
    /// File that holds the password, or that of the certificate.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Certificate of the organisation with its key (.p12, .pfx, .pem).
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// PEM file of the key, when it is not in the same file.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Auth {
    Card,
    Password,
    Psc,
    Certificate,
}

impl From<Auth> for AuthMethod {
    fn from(auth: Auth) -> Self {
        match auth {
            Auth::Card => Self::Card,
            Auth::Password => Self::Password,
            Auth::Psc => Self::Psc,
            Auth::Certificate => Self::Certificate,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum When {
    Starttls,
    Tls,
}

impl From<When> for Security {
    fn from(when: When) -> Self {
        match when {
            When::Starttls => Self::StartTls,
            When::Tls => Self::Tls,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum CardCommand {
    /// What is in the reader.
    Status,
    /// One line per change, until interrupted.
    Watch,
    /// The cards that could be used.
    List,
    /// Use this one of several cards, now and later.
    Choose {
        /// Name of its reader, or number of its holder or of the card.
        card: String,
    },
    /// Set a new PIN by the unblocking code (PUK). Its tries are limited: a card that has used them up is lost.
    Unblock {
        /// File that holds the unblocking code.
        #[arg(long, value_name = "FILE")]
        puk_file: PathBuf,
        /// File that holds the new PIN.
        #[arg(long, value_name = "FILE")]
        new_pin_file: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum VaultCommand {
    /// The ways in.
    Status,
    /// Whether the store can be read without the card, by whoever has this computer's session open.
    Offline {
        /// On or off.
        switch: Switch,
    },
    /// Make a new recovery code, in place of an earlier one.
    RecoveryCode {
        /// New private file for it, as a page to print; standard output when omitted.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take a way in away.
    Remove {
        /// Its identifier, from `status`.
        slot: String,
    },
    /// Encrypt the store anew under another key: older copies of the profile open no more.
    Rotate {
        /// New private file for the new recovery code, where there is one.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Group)]
pub(crate) struct SendArgs {
    /// Sending mailbox (default: the first).
    #[arg(long)]
    pub(crate) from: Option<String>,
    /// Recipients.
    #[arg(long, num_args = 1.., required_unless_present_any = ["cc", "bcc"])]
    pub(crate) to: Vec<String>,
    /// Copy.
    #[arg(long, num_args = 1..)]
    pub(crate) cc: Vec<String>,
    /// Blind copy.
    #[arg(long, num_args = 1..)]
    pub(crate) bcc: Vec<String>,
    /// Subject; with `--xdm` the rules of MSSanté set it.
    #[arg(long, required_unless_present = "xdm", default_value = "", hide_default_value = true)]
    pub(crate) subject: String,
    /// File that holds the text (UTF-8); `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body_file: PathBuf,
    /// Files to attach.
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// The patient the attached PDFs are about: JSON with the traits, or any document of theirs.
    #[arg(long, value_name = "FILE", requires = "xdm")]
    pub(crate) patient: Option<PathBuf>,
    /// Pack the attached PDFs into an IHE_XDM archive, each as a CDA, and name and subject all as MSSanté asks.
    #[arg(long, requires = "patient")]
    pub(crate) xdm: bool,
    /// LOINC code of the PDFs' type, with `--xdm` (default: consultation report).
    #[arg(long, value_name = "CODE", requires = "xdm")]
    pub(crate) kind: Option<String>,
    /// Ask for a read receipt.
    #[arg(long)]
    pub(crate) receipt: bool,
    /// Write it to the outbox and do not connect.
    #[arg(long)]
    pub(crate) later: bool,
}

#[derive(Subcommand)]
pub(crate) enum DestinationCommand {
    /// List destinations.
    List,
    /// Add one, or change the one of this name.
    Add {
        /// What it is called.
        #[arg(long)]
        name: String,
        /// Its folder, which must be there; an absolute path.
        #[arg(long, value_name = "DIR")]
        folder: PathBuf,
        /// How files are named, with {patient} {nom} {nom-utilise} {prenom} {naissance} {sexe} {ins} {type} {code}
        /// {titre} {date} {recu} {auteur} {organisation} {id}.
        #[arg(long)]
        pattern: Option<String>,
        /// What is written of each message.
        #[arg(long, num_args = 1.., default_value = "pdf", value_parser = ["pdf", "cda", "xdm", "hprim", "eml"])]
        format: Vec<String>,
        /// Only for rules and for `file --to`.
        #[arg(long)]
        on_request: bool,
    },
    /// The name a pattern gives to the last document that came.
    Preview {
        /// The pattern (default: date, type, birth name, given name).
        #[arg(long)]
        pattern: Option<String>,
        /// Form.
        #[arg(long, default_value = "pdf", value_parser = ["pdf", "cda", "xdm", "hprim", "eml"])]
        format: String,
    },
    /// Folder of the mailbox filed messages are moved to; without one they stay where they are.
    Folder {
        /// Its path.
        path: Option<String>,
    },
    /// Forget one. Files that lie there stay.
    Remove {
        /// Its name.
        name: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum RuleCommand {
    /// Rules in their order, and what they failed on.
    List,
    /// Add a rule: it looks at every message that comes from now on.
    Add {
        /// What it is called.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        when: RuleConditions,
        /// File to this destination, by name.
        #[arg(long, value_name = "NAME")]
        file: Option<String>,
        /// Set this keyword.
        #[arg(long)]
        keyword: Option<String>,
        /// Move to this folder of the mailbox, made when missing.
        #[arg(long, value_name = "PATH")]
        folder: Option<String>,
        /// Also for the messages a preview tells of.
        #[arg(long)]
        also_existing: bool,
    },
    /// Messages of the inboxes a rule would take. Nothing is done.
    Preview {
        #[command(flatten)]
        when: RuleConditions,
    },
    /// Put a rule in force, or out of it.
    Switch {
        /// Its number.
        id: i64,
        /// On or off.
        switch: Switch,
    },
    /// Put a rule before the one above it.
    Raise {
        /// Its number.
        id: i64,
    },
    /// Try what failed again now.
    Retry,
    /// Forget a rule.
    Remove {
        /// Its number.
        id: i64,
    },
}

/// All that are given must hold.
#[derive(Group)]
pub(crate) struct RuleConditions {
    /// An address, `@domain`, or words of the sender's name or organisation.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) sender: String,
    /// Any of these kinds of document.
    #[arg(long, num_args = 1.., value_parser = ["biology", "imaging", "hospital", "consultation", "prescription",
        "summary", "health-document", "pdf", "letter"])]
    pub(crate) kind: Vec<String>,
    /// It names a patient, or none.
    #[arg(long, value_name = "true|false")]
    pub(crate) patient: Option<bool>,
}

#[derive(Subcommand)]
pub(crate) enum OutboxCommand {
    /// Messages on their way and sent.
    List,
    /// Take a message back: it becomes a draft.
    Cancel {
        /// Outbox identifier.
        id: i64,
    },
    /// Try again now.
    Retry {
        /// Outbox identifier.
        id: i64,
    },
    /// Say that a message whose answer was lost has arrived: it is filed in Sent.
    Settle {
        /// Outbox identifier.
        id: i64,
    },
}

#[derive(Subcommand)]
pub(crate) enum ContactCommand {
    /// Everybody you know.
    List,
    /// Keep somebody among the favourites.
    Favourite {
        /// Address.
        address: String,
        /// No longer.
        #[arg(long)]
        off: bool,
    },
    /// Keep a note about somebody; an empty one is forgotten.
    Note {
        /// Address.
        address: String,
        /// Text.
        text: String,
    },
    /// The mailbox of somebody to write to, whatever is written or with one kind of document.
    Prefer {
        /// Address.
        address: String,
        /// Only for this kind of document.
        #[arg(long = "for", value_parser = ["biology", "imaging", "hospital", "consultation", "prescription",
            "summary", "health-document", "pdf", "letter"])]
        kind: Option<String>,
        /// None of them any more.
        #[arg(long)]
        off: bool,
    },
    /// The mailbox of somebody your preferences choose for a message with these files, and why.
    Mailbox {
        /// Any address of theirs.
        address: String,
        /// Files that would be attached; none for a letter.
        files: Vec<PathBuf>,
    },
    /// Groups and their members.
    Groups,
    /// Put somebody into a group, made when there is none.
    Join {
        /// Name of the group.
        group: String,
        /// Address.
        address: String,
    },
    /// Take somebody out of a group.
    Leave {
        /// Name of the group.
        group: String,
        /// Address.
        address: String,
    },
    /// Another name for a group.
    Rename {
        /// Its name.
        group: String,
        /// The new name.
        to: String,
    },
    /// Forget a group; its members stay.
    Disband {
        /// Name of the group.
        group: String,
    },
    /// Write favourites, notes and groups to a file: vCard, or CSV when its name ends so.
    Export {
        /// File.
        file: PathBuf,
    },
    /// Take contacts of a vCard or CSV file.
    Take {
        /// File.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum AnnuaireCommand {
    /// Import the national extraction.
    Import {
        /// File (text or zip), URL, or one of the public places: `mirror` (data.gouv.fr), `ans`.
        source: String,
        /// Take it although it has far fewer mailboxes than what is loaded.
        #[arg(long)]
        smaller: bool,
    },
    /// Import places of practice (PS_LibreAcces_Personne_activite) for the people of the extraction.
    Activities {
        /// File (text or zip) or URL.
        source: String,
    },
    /// Ask for newer data where the loaded ones came from, when a day has passed.
    Refresh,
    /// What came and went with the last refresh.
    Changes {
        /// Most addresses of each.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Import the white list of the trust space.
    WhiteList {
        /// File or URL.
        source: String,
    },
    /// What is loaded.
    Status,
    /// Search people and services.
    Search {
        /// Words; each is a prefix, accents do not matter.
        query: String,
        /// Words of the profession.
        #[arg(long)]
        profession: Option<String>,
        /// Words of the specialty.
        #[arg(long)]
        specialty: Option<String>,
        /// Town, postal code or department.
        #[arg(long = "where")]
        place: Option<String>,
        /// Kind of mailbox.
        #[arg(long, value_parser = ["per", "org", "app", "cab"])]
        kind: Option<String>,
        /// Department whose people come first.
        #[arg(long)]
        near: Option<String>,
        /// People you know first: opens the mail store.
        #[arg(long)]
        mine: bool,
        /// Most results.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Give the key of the Annuaire Santé API; an empty one turns it off.
    ApiKey {
        /// File with the key.
        file: PathBuf,
        /// Another address of the API.
        #[arg(long)]
        base: Option<String>,
    },
    /// What the API says of somebody at this moment.
    Api {
        /// Address.
        address: String,
    },
    /// An LDAP directory beside the annuaire: off until a server is set.
    #[command(subcommand)]
    Ldap(LdapCommand),
    /// Your own entry and what is wrong in it.
    Me,
    /// Favourites, notes, groups and those you wrote to.
    #[command(subcommand)]
    Contact(ContactCommand),
    /// Who an address belongs to.
    Show {
        /// Address.
        address: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum LdapCommand {
    /// Set the server; what is not given is as the national directory has it.
    Set {
        /// `ldaps://host[:port]`, or `ldap://host[:port]`, where StartTLS comes first.
        server: LdapServer,
        /// Distinguished name under which to search.
        #[arg(long, default_value = BASE)]
        base: String,
        /// Distinguished name to log in with.
        #[arg(long)]
        user: Option<String>,
        /// File with its password; without, the one kept for this server and user stays.
        #[arg(long, requires = "user")]
        password_file: Option<PathBuf>,
        /// PEM file of the only authorities that vouch for the server.
        #[arg(long)]
        authority: Option<PathBuf>,
        /// Another name of an attribute, `city=physicalDeliveryOfficeName`; an empty one where there is none. `ldap
        /// show` gives all.
        #[arg(long = "attribute", value_name = "WHAT=NAME")]
        attributes: Vec<LdapAttribute>,
    },
    /// What is set.
    Show,
    /// Forget the server and its password: nothing is asked any more.
    Off,
    /// Search people and services there; the annuaire is not searched.
    Search {
        /// Words; each is a prefix, accents do not matter. Or an address, or a national number.
        query: String,
    },
}

/// `WHAT=NAME` of an attribute.
#[derive(Clone)]
pub(crate) struct LdapAttribute(pub(crate) LdapField, pub(crate) String);

impl std::str::FromStr for LdapAttribute {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || LdapField::ALL.map(LdapField::code).join(", ");
        let (what, name) = text.split_once('=').ok_or_else(|| format!("WHAT=NAME; WHAT: {}", known()))?;
        let field = LdapField::ALL.into_iter().find(|field| field.code() == what);
        let field = field.ok_or_else(|| format!("{what} is none of: {}", known()))?;
        LdapAttributes::default().set(field, name).map_err(|e| e.to_string())?;
        Ok(Self(field, name.to_owned()))
    }
}

#[derive(Subcommand)]
pub(crate) enum DocumentCommand {
    /// Read a file and say what is in it.
    Show {
        /// A message, an archive, a CDA, HPRIM results, a PDF, RTF, image, S/MIME or winmail.dat file.
        file: PathBuf,
    },
    /// Put PDFs about a patient into an `IHE_XDM` archive.
    Pack {
        /// The patient: JSON as `document show` gives it, or a document that names the patient.
        #[arg(long)]
        patient: PathBuf,
        /// A PDF; may be given several times, or with several files.
        #[arg(long, required = true, num_args = 1..)]
        pdf: Vec<PathBuf>,
        /// Where to write the archive; must not exist.
        #[arg(long)]
        out: PathBuf,
        /// LOINC code of the type of the documents, such as 18748-4 for an imaging report.
        #[arg(long = "type")]
        kind: Option<String>,
    },
}
