//! A value that is computed when it is first asked for, and kept where std is there to share it.

/// Computed once, with std.
#[cfg(feature = "std")]
pub(crate) struct Once<T>(std::sync::OnceLock<T>);

#[cfg(feature = "std")]
impl<T: Clone> Once<T> {
    pub(crate) const fn new() -> Self {
        Self(std::sync::OnceLock::new())
    }

    /// With a value that is known from the start.
    pub(crate) fn with(value: T) -> Self {
        Self(value.into())
    }

    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> T) -> T {
        self.0.get_or_init(make).clone()
    }
}

/// Computed at each call unless it is known from the start: without std nothing here is shared
/// between threads.
#[cfg(not(feature = "std"))]
pub(crate) struct Once<T>(Option<T>);

#[cfg(not(feature = "std"))]
impl<T: Clone> Once<T> {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    pub(crate) fn with(value: T) -> Self {
        Self(Some(value))
    }

    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> T) -> T {
        self.0.clone().unwrap_or_else(make)
    }
}
