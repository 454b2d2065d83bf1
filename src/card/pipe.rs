//! The two-way pipe between the program and the process that hosts the module.
//!
//! On Unix one socket in place of the host's standard input, so that a module that writes on standard output disturbs
//! nobody; elsewhere standard input and output. Unbuffered at both ends: codes pass through.

use std::io::{self, Read, Write};
use std::process::{Child, Command};

/// The program's ends: for requests and for answers.
pub(super) type Ends = (Box<dyn Write + Send>, Box<dyn Read + Send>);

/// Starts a host.
pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Ends)> {
    platform::spawn(command)
}

/// The host's ends: for requests and for answers.
pub(super) fn own_ends() -> io::Result<(platform::End, platform::End)> {
    platform::own_ends()
}

#[cfg(unix)]
mod platform {
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::net::UnixStream;
    use std::process::Stdio;

    use super::{Child, Command, Ends, io};

    pub(in crate::card) type End = UnixStream;

    pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Ends)> {
        let (ours, theirs) = UnixStream::pair()?;
        let child = command.stdin(Stdio::from(OwnedFd::from(theirs))).stdout(Stdio::null()).spawn()?;
        let answers = ours.try_clone()?;
        Ok((child, (Box::new(ours), Box::new(answers))))
    }

    pub(super) fn own_ends() -> io::Result<(End, End)> {
        let end = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        Ok((end.try_clone()?, end))
    }
}

#[cfg(windows)]
mod platform {
    use std::fs::File;
    use std::os::windows::io::AsHandle;
    use std::os::windows::process::CommandExt;
    use std::process::Stdio;

    use super::{Child, Command, Ends, io};

    pub(in crate::card) type End = File;

    /// `CREATE_NO_WINDOW`: no console beside the window.
    const NO_WINDOW: u32 = 0x0800_0000;

    pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Ends)> {
        command.creation_flags(NO_WINDOW).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        Ok((child, (Box::new(requests), Box::new(answers))))
    }

    pub(super) fn own_ends() -> io::Result<(End, End)> {
        let input = io::stdin().as_handle().try_clone_to_owned()?;
        let output = io::stdout().as_handle().try_clone_to_owned()?;
        Ok((input.into(), output.into()))
    }
}
