//! What is inferred without gordian is inferred with it: no crate that it brings along has an implementation that makes
//! two types out of one possible one.

use gordian::sync::mpsc;

/// Compiles while a number can be compared with numbers of its own type only.
#[test]
fn what_a_number_is_compared_with_is_known() {
    let (sender, receiver) = mpsc::channel();
    sender.send(1_u32).expect("there is a receiver");
    drop(sender);
    assert_eq!(receiver.iter().sum::<u32>(), (0..2).sum());
    assert_eq!([1_u8, 2].iter().sum::<u8>(), [1, 2].into_iter().sum());
    assert_eq!([1_u64].iter().sum::<u64>(), "1".parse().expect("a number"));
    assert_eq!(1_usize, "1".parse().expect("a number"));
    assert_eq!(-1_i64, "-1".parse().expect("a number"));
    assert_eq!(0.5_f64, "0.5".parse().expect("a number"));
}
