//! The program `estafettectl`.
fn main() {}
