//! What customers keep asking, in whose words, how often, and where the answers contradict each other.
#![forbid(unsafe_code)]

mod cluster;
mod communities;
mod concepts;
mod error;
mod facts;
mod features;
mod neighbours;
mod words;

pub use cluster::{ClusterOptions, Clustering, Embedder, Question};
pub use error::Error;
pub use facts::{Fact, FactKind, facts};
