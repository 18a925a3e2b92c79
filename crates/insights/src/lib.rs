//! What customers keep asking, in whose words, how often, and where the answers contradict each other.
#![forbid(unsafe_code)]

mod ask;
mod cluster;
mod communities;
mod concepts;
mod contradict;
mod error;
mod facts;
mod features;
mod neighbours;
mod topic;
mod words;

pub use ask::questions_in;
pub use cluster::{ClusterOptions, Clustering, Embedder, Question};
pub use contradict::{Contradiction, ContradictionKind, Pointer, Stated};
pub use error::Error;
pub use facts::{Fact, FactKind, facts};
pub use topic::{Insights, OnSite, Remedy, Source, Topic};
