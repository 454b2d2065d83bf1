//! The program `estafette`: arguments, log, and the interface.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::builder::PossibleValuesParser;
use clap::{Parser, ValueEnum};
use estafette::engine::{KeySource, Options, card_words, default_profile};
use estafette::gui::app::{FirstScreen, Start, run};
use estafette::gui::preferences::Preferences;
use estafette::gui::screen::Place;
use estafette::gui::theme::TextSize;
use estafette::wording::Language;

/// MSSanté mail for French health professionals.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// What practice software asks for, such as estafette:patient?ins=…; see the manual.
    link: Option<String>,
    /// Profile folder; made when missing.
    #[arg(long, value_name = "DIR")]
    profile: Option<PathBuf>,
    /// Fictitious mailbox, card (PIN 1234) and annuaire; nothing is kept.
    #[arg(long)]
    practice: bool,
    /// PKCS#11 module of the card.
    #[arg(long, value_name = "PATH")]
    module: Option<PathBuf>,
    /// Private file for keys, on machines without a keyring; made when missing.
    #[arg(long, value_name = "FILE")]
    vault_key_file: Option<PathBuf>,
    /// Language of the interface.
    #[arg(long)]
    lang: Option<Lang>,
    #[arg(long, hide = true)]
    screen: Option<Screen>,
    /// State of the fictitious card, for pictures.
    #[arg(long, hide = true, requires = "practice", value_parser = PossibleValuesParser::new(card_words()))]
    card_state: Option<String>,
    #[arg(long, hide = true)]
    theme: Option<Shade>,
    #[arg(long, hide = true, value_parser = ["100", "125", "150"])]
    text_size: Option<String>,
    #[arg(long, hide = true, value_name = "WxH", value_parser = size)]
    size: Option<(f32, f32)>,
    #[arg(long, hide = true, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    #[arg(long, hide = true, value_name = "FILE")]
    trace_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    Fr,
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shade {
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Screen {
    Welcome,
    Lock,
    Mailbox,
    Patients,
    Composer,
    Annuaire,
    Sendings,
    Trouble,
    Settings,
    Help,
}

fn size(text: &str) -> Result<(f32, f32), String> {
    let parts = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    let sane = |v: f32| (320.0..=16_000.0).contains(&v);
    parts.filter(|(w, h)| sane(*w) && sane(*h)).ok_or_else(|| "a size such as 1280x800".to_owned())
}

fn main() -> ExitCode {
    let started = Instant::now();
    estafette::log::start();
    estafette::engine::forbid_core_dumps();
    if let Some(status) = estafette::engine::host_card_module() {
        return status;
    }
    let start = start(Arguments::parse(), started);
    if let Some(link) = &start.link {
        match handed_over(&start.profile, link) {
            Ok(true) => return ExitCode::SUCCESS,
            Ok(false) => {}
            Err(error) => {
                tracing::error!(code = error.code(), "the link was not handed over");
                return ExitCode::FAILURE;
            }
        }
    }
    match run(start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "no window");
            ExitCode::FAILURE
        }
    }
}

/// The program runs already: it takes the link.
fn handed_over(profile: &std::path::Path, link: &str) -> estafette::engine::Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(estafette::engine::hand_over(profile, link))
}

fn start(arguments: Arguments, started: Instant) -> Start {
    let profile = arguments.profile.unwrap_or_else(default_profile);
    let mut preferences =
        if arguments.practice { Preferences::default() } else { Preferences::read(&profile) };
    match arguments.lang {
        Some(Lang::Fr) => preferences.language = Some(Language::French),
        Some(Lang::En) => preferences.language = Some(Language::English),
        None => {}
    }
    match arguments.text_size.as_deref() {
        Some("100") => preferences.text_size = TextSize::Normal,
        Some("125") => preferences.text_size = TextSize::Large,
        Some("150") => preferences.text_size = TextSize::Larger,
        _ => {}
    }
    if let Some(size) = arguments.size {
        preferences.window = size;
        preferences.composer = size;
    }
    let options = (!arguments.practice).then(|| Options {
        profile: profile.clone(),
        keys: arguments.vault_key_file.map_or(KeySource::Keyring, KeySource::File),
        module: arguments.module.or_else(|| preferences.module.clone()),
        send_delay: preferences.send_delay,
        background: true,
    });
    Start {
        options,
        profile,
        preferences,
        dark: arguments.theme.map(|shade| shade == Shade::Dark),
        screen: arguments.screen.map(first_screen),
        card: arguments.card_state,
        link: arguments.link,
        ready_file: arguments.ready_file,
        trace_file: arguments.trace_file,
        started,
    }
}

fn first_screen(screen: Screen) -> FirstScreen {
    match screen {
        Screen::Welcome => FirstScreen::Welcome,
        Screen::Lock => FirstScreen::Lock,
        Screen::Mailbox => FirstScreen::At(Place::Mailbox),
        Screen::Composer => FirstScreen::Composer,
        Screen::Patients => FirstScreen::At(Place::Patients),
        Screen::Annuaire => FirstScreen::At(Place::Annuaire),
        Screen::Sendings => FirstScreen::At(Place::Sendings),
        Screen::Trouble => FirstScreen::At(Place::Trouble),
        Screen::Settings => FirstScreen::At(Place::Settings),
        Screen::Help => FirstScreen::Help,
    }
}
