//! Where messages stand, in as few bytes as nearly all of them need.

use crate::{Locator, SourceId};

/// A [`Locator`] in 12 bytes instead of 24: sources up to 16 million, offsets up to a terabyte, lengths up to
/// 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The source above, the top 8 bits of the offset below.
    source: u32,
    offset: u32,
    len: u32,
}

impl Place {
    /// Of a message whose locator stands elsewhere.
    pub(crate) const ELSEWHERE: Place = Place { source: 0, offset: 0, len: u32::MAX };

    /// None for what does not fit.
    pub(crate) fn of(at: Locator) -> Option<Place> {
        let len = u32::try_from(at.len).ok().filter(|&len| len != u32::MAX)?;
        let high = u8::try_from(at.offset >> 32).ok()?;
        let fits = at.source.0 < 1 << 24;
        fits.then_some(Place { source: at.source.0 << 8 | u32::from(high), offset: at.offset as u32, len })
    }

    /// None for [`Self::ELSEWHERE`].
    pub(crate) fn locator(self) -> Option<Locator> {
        (self.len != u32::MAX).then_some(Locator {
            source: SourceId(self.source >> 8),
            offset: u64::from(self.source & 0xff) << 32 | u64::from(self.offset),
            len: u64::from(self.len),
        })
    }
}

/// Where a message's own id stands in it and how many of its citations are from In-Reply-To, in 4 bytes: offsets
/// up to 512 KiB, ids up to 1,023 bytes, 7 citations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named(u32);

impl Named {
    /// Of a message of which these stand elsewhere.
    pub(crate) const ELSEWHERE: Named = Named(u32::MAX);

    /// None for what does not fit.
    pub(crate) fn of((offset, len): (u32, u16), in_reply_to: u8) -> Option<Named> {
        let fits = offset < 1 << 19 && len < 1 << 10 && in_reply_to < 8;
        let named = Named(offset | u32::from(len) << 19 | u32::from(in_reply_to) << 29);
        (fits && named != Self::ELSEWHERE).then_some(named)
    }

    /// None for [`Self::ELSEWHERE`].
    pub(crate) fn get(self) -> Option<((u32, u16), u8)> {
        let Named(all) = self;
        let id_at = (all & 0x7_ffff, (all >> 19 & 0x3ff) as u16);
        (self != Self::ELSEWHERE).then_some((id_at, (all >> 29) as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_comes_back_and_the_rest_is_refused() {
        for source in [0, 1, (1 << 24) - 1, 1 << 24, u32::MAX] {
            for offset in [0, 7, u64::from(u32::MAX), 1 << 32, (1 << 40) - 1, 1 << 40, u64::MAX] {
                for len in [0, 1, u64::from(u32::MAX) - 1, u64::from(u32::MAX), 1 << 32, u64::MAX] {
                    let at = Locator { source: SourceId(source), offset, len };
                    let fits = source < 1 << 24 && offset < 1 << 40 && len < u64::from(u32::MAX);
                    assert_eq!(Place::of(at).and_then(Place::locator), fits.then_some(at));
                }
            }
        }
        for offset in [0, 5, (1 << 19) - 1, 1 << 19, u32::MAX] {
            for len in [0, 44, 1_023, 1_024, u16::MAX] {
                for replied in [0, 1, 7, 8, 255] {
                    let fits = offset < 1 << 19 && len < 1_024 && replied < 8;
                    let fits = fits && (offset, len, replied) != ((1 << 19) - 1, 1_023, 7);
                    let named = Named::of((offset, len), replied);
                    assert_eq!(named.and_then(Named::get), fits.then_some(((offset, len), replied)));
                }
            }
        }
        assert_eq!((Place::ELSEWHERE.locator(), Named::ELSEWHERE.get()), (None, None));
    }
}
