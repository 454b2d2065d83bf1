//! `estafettectl vault`.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use estafette::domain::recovery::RecoveryCode;
use estafette::engine::{KeySlot, KeySlotKind, Security};
use serde_json::json;

use crate::args::{Switch, VaultCommand};
use crate::output::{Failure, Output, say};
use crate::session::Context;

pub(crate) async fn run(context: &Context, command: VaultCommand, output: &Output) -> Result<(), Failure> {
    context.online().await?;
    let engine = &context.engine;
    match command {
        VaultCommand::Status => told(&engine.security().await?, output),
        VaultCommand::Offline { switch } => {
            let allowed = matches!(switch, Switch::On);
            told(&engine.set_offline(allowed).await?, output);
        }
        VaultCommand::Remove { slot } => told(&engine.remove_slot(slot).await?, output),
        VaultCommand::RecoveryCode { out } => {
            let code = engine.new_recovery_code()?;
            // given out before it opens anything: a code nobody has is no way in
            give(&code, out, output)?;
            engine.set_recovery_code(code).await?;
        }
        VaultCommand::Rotate { out } => told(&rotate(context, out, output).await?, output),
    }
    Ok(())
}

async fn rotate(context: &Context, out: Option<PathBuf>, output: &Output) -> Result<Security, Failure> {
    let engine = &context.engine;
    if !engine.security().await?.recovery {
        return Ok(engine.rotate_key(None).await?);
    }
    let out = out.ok_or_else(|| {
        Failure::Usage("there is a recovery code, and it changes with the key: --out FILE".to_owned())
    })?;
    let code = engine.new_recovery_code()?;
    write_page(&code, &out, output)?;
    Ok(engine.rotate_key(Some(code)).await?)
}

/// To a new private file, or to standard output.
fn give(code: &RecoveryCode, out: Option<PathBuf>, output: &Output) -> Result<(), Failure> {
    match out {
        Some(out) => {
            write_page(code, &out, output)?;
            output.answer(&json!({"file": out}), || say!("{}", out.display()));
        }
        None => {
            let text = code.grouped();
            output.answer(&json!({"recovery_code": text.as_str()}), || say!("{}", text.as_str()));
        }
    }
    Ok(())
}

fn write_page(code: &RecoveryCode, path: &Path, output: &Output) -> Result<(), Failure> {
    let page = output.wording.recovery_page(code, jiff::Timestamp::now().as_second());
    write_private(&page, path)
}

/// A new file that only its owner can read.
pub(crate) fn write_private(page: &str, path: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
    let mut options = OpenOptions::new();
    // never over another file, which may be the page of an older code
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(page.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

fn told(security: &Security, output: &Output) {
    output.answer(security, || {
        for slot in &security.slots {
            say!("{}  {}", slot.id, line(slot, output));
        }
        let offline = if security.offline { "security-offline-on" } else { "security-offline-off" };
        say!("{}", output.wording.text(offline));
        if !security.recovery {
            say!("{}", output.wording.text("security-recovery-none"));
        }
    });
}

fn line(slot: &KeySlot, output: &Output) -> String {
    let kind = match slot.kind {
        KeySlotKind::Keyring => "security-slot-keyring",
        KeySlotKind::Card => "security-slot-card",
        KeySlotKind::ThisCard => "security-slot-this-card",
        KeySlotKind::OtherCard => "security-slot-other-card",
        KeySlotKind::Recovery => "security-slot-recovery",
    };
    let day = output.wording.day(slot.created);
    format!(
        "{} · {}",
        output.wording.text(kind),
        output.wording.with("security-slot-since", &[("day", &day)])
    )
}
