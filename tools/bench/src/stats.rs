//! Medians and quartiles.

/// The middle half of some samples.
#[derive(Clone, Copy)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
    pub(crate) samples: usize,
}

/// `None`: there are no samples.
pub(crate) fn summary(mut samples: Vec<f64>) -> Option<Summary> {
    if samples.is_empty() {
        return None;
    }
    samples.sort_by(f64::total_cmp);
    let at = |share: f64| quantile(&samples, share);
    Some(Summary { median: at(0.5), lower: at(0.25), upper: at(0.75), samples: samples.len() })
}

/// Between the two nearest.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_of_five() {
        let all = summary(vec![5.0, 1.0, 4.0, 2.0, 3.0]).unwrap();
        assert_eq!([all.lower, all.median, all.upper], [2.0, 3.0, 4.0]);
    }

    #[test]
    fn the_median_of_two_is_between_them() {
        assert_eq!(summary(vec![1.0, 2.0]).unwrap().median, 1.5);
    }

    #[test]
    fn nothing_has_no_median() {
        assert!(summary(Vec::new()).is_none());
    }
}
