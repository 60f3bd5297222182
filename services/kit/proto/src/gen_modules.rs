//! The generated files, put where their references to one another expect them.

macro_rules! package {
    ($($name:ident),*) => {$(
        pub mod $name {
            pub mod v1 {
                #![allow(clippy::all, clippy::pedantic)]
                include!(concat!("gen/amparo.", stringify!($name), ".v1.rs"));
            }
        }
    )*};
}

package!(
    cases,
    common,
    configuration,
    facts,
    identity,
    incidents,
    keyring,
    records,
    reporting,
    tracing
);
