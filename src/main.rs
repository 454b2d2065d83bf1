//! The program `estafette`.
fn main() {}
