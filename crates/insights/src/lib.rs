//! What customers keep asking, in whose words, how often, and where the answers contradict each other.
#![forbid(unsafe_code)]

mod ask;
mod charts;
mod cluster;
mod communities;
mod concepts;
mod contradict;
mod digest;
mod error;
mod facts;
mod faq;
mod features;
mod html;
mod neighbours;
mod report;
mod site;
mod topic;
mod words;

pub use ask::questions_in;
pub use cluster::{ClusterOptions, Clustering, Embedder, Question};
pub use contradict::{Contradiction, ContradictionKind, Pointer, Stated};
pub use digest::{Conversations, Digest};
pub use error::Error;
pub use facts::{Fact, FactKind, facts};
pub use faq::{faq_html, faq_markdown, faq_schema, faq_topics};
pub use report::{ReportOptions, report_html};
pub use site::SitePage;
pub use topic::{Insights, OnSite, Remedy, Source, Topic};
