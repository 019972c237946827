//! Which traits a type has.

/// Whether a type has a trait, as a `bool`: the inherent constant hides the trait's where its bounds hold.
macro_rules! has {
    ($type:ty: $bound:path) => {{
        #[allow(dead_code)]
        trait Lacks {
            const HAS: bool = false;
        }
        #[allow(dead_code)]
        struct Asked<T: ?Sized>(std::marker::PhantomData<T>);
        impl<T: ?Sized> Lacks for Asked<T> {}
        impl<T: ?Sized + $bound> Asked<T> {
            #[allow(dead_code)]
            const HAS: bool = true;
        }
        <Asked<$type>>::HAS
    }};
}

pub(crate) use has;
