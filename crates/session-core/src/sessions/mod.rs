//! Getting a session for an issuer: the one flow.

mod answer;

pub use answer::AnswerProblem;
