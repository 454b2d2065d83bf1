//! A display of its own, the keyboard and the mouse on it, and pictures of it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// An X server without a screen and a window manager on it. Both end when dropped.
pub struct Display {
    name: String,
    /// The message bus of the programs on it.
    bus: Option<String>,
    server: Child,
    manager: Child,
}

impl Display {
    /// The server chooses a number that is free.
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let name = format!(":{}", number.trim());
        assert!(name.len() > 1, "Xvfb gave no display");
        let manager = Command::new("openbox")
            .env("DISPLAY", &name)
            .env("HOME", std::env::temp_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openbox starts");
        Self { name, bus: None, server, manager }
    }

    /// Programs on it find their message bus at this address.
    pub fn with_bus(mut self, address: &str) -> Self {
        self.bus = Some(address.to_owned());
        self
    }

    /// A program on this display.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY").stdin(Stdio::null());
        if let Some(address) = &self.bus {
            command.env("DBUS_SESSION_BUS_ADDRESS", address);
        }
        command
    }

    /// As programs are told of it: `:99`.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn xdotool(&self, arguments: &[&str]) -> String {
        let output = self.command("xdotool").args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Presses keys one after the other, by their names in X: `Return`, `ctrl+n`.
    pub fn press(&self, keys: &[&str]) {
        for key in keys {
            self.xdotool(&["key", "--clearmodifiers", key]);
        }
    }

    /// Types a text.
    pub fn type_in(&self, text: &str) {
        self.xdotool(&["type", "--clearmodifiers", "--delay", "25", text]);
    }

    /// Presses Tab and leaves the time a person needs to see the cursor arrive: nothing outside says that it did.
    pub fn next_field(&self) {
        self.press(&["Tab"]);
        std::thread::sleep(Duration::from_millis(1500));
    }

    /// Presses the left button of the mouse at a place.
    pub fn click(&self, x: u32, y: u32) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string(), "click", "1"]);
    }

    /// Title of the window that gets the keys.
    pub fn focused(&self) -> String {
        self.xdotool(&["getactivewindow", "getwindowname"])
    }

    /// Number of windows on the screen whose title contains this.
    pub fn windows(&self, title: &str) -> usize {
        self.xdotool(&["search", "--onlyvisible", "--name", title]).lines().count()
    }

    /// Takes the windows of this title from the screen, as the button in their frame does.
    pub fn put_away(&self, title: &str) {
        self.xdotool(&["search", "--onlyvisible", "--name", title, "windowminimize"]);
    }

    /// What a paste would give now, as another program is told it.
    pub fn clipboard(&self) -> String {
        let read =
            self.command("xclip").args(["-selection", "clipboard", "-out"]).stderr(Stdio::null()).output();
        String::from_utf8_lossy(&read.expect("xclip starts").stdout).into_owned()
    }

    /// Writes a picture of the whole screen.
    pub fn picture(&self, file: &Path) {
        let _ = self.command("import").args(["-window", "root"]).arg(file).status();
    }

    /// The words that can be read on the screen, in lower case.
    pub fn words(&self) -> String {
        let name = self.name.trim_start_matches(':');
        let file = std::env::temp_dir().join(format!("estafette-journey-{}-{name}.png", std::process::id()));
        let grabbed = self
            .command("import")
            .args(["-window", "root", "-resize", "250%", "-colorspace", "Gray"])
            .arg(&file)
            .status()
            .unwrap();
        assert!(grabbed.success());
        let read = Command::new("tesseract")
            .arg(&file)
            .args(["-", "-l", "fra", "--psm", "11"])
            .env("OMP_THREAD_LIMIT", "1")
            .output()
            .expect("tesseract reads");
        let _ = std::fs::remove_file(&file);
        String::from_utf8_lossy(&read.stdout).to_lowercase()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for child in [&mut self.manager, &mut self.server] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
