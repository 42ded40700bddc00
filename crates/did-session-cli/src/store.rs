//! The store that the commands work on, and the runtime that its calls need.
