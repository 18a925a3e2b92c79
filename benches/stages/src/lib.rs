//! Only benches: see `benches/stages.rs`.
