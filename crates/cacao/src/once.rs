//! A value that is computed when it is first asked for, and kept where std is there to share it.

/// Computed once, with std.
#[cfg(feature = "std")]
pub(crate) struct Once<T>(std::sync::OnceLock<T>);

#[cfg(feature = "std")]
impl<T: Clone> Once<T> {
    pub(crate) const fn new() -> Self {
        Self(std::sync::OnceLock::new())
    }

    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> T) -> T {
        self.0.get_or_init(make).clone()
    }

    /// Sets what is already known; a value that is there stays.
    pub(crate) fn set(&self, value: T) {
        let _ = self.0.set(value);
    }
}

/// Computed at each call: without std nothing here is shared between threads.
#[cfg(not(feature = "std"))]
pub(crate) struct Once<T>(core::marker::PhantomData<fn() -> T>);

#[cfg(not(feature = "std"))]
impl<T> Once<T> {
    pub(crate) const fn new() -> Self {
        Self(core::marker::PhantomData)
    }

    #[allow(clippy::unused_self)] // as with std
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> T) -> T {
        make()
    }
}
