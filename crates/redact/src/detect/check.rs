//! Checksums. They promote a number to a find; next to a word that announces it, a number needs none,
//! since customers mistype too.

/// Luhn's check (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(d - b'0');
            if i % 2 == 0 {
                d
            } else if d > 4 {
                2 * d - 9
            } else {
                2 * d
            }
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |n, d| n * 10 + u64::from(d - b'0'))
}

fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum()
}

/// The French social security number: thirteen digits and a two-digit key.
pub(super) fn nir(digits: &[u8]) -> bool {
    digits.len() == 15
        && matches!(digits[0], b'1' | b'2' | b'7' | b'8')
        && (1..=12).contains(&number(&digits[3..5]))
        && 97 - number(&digits[..13]) % 97 == number(&digits[13..])
}

/// The Brazilian CPF: nine digits and two check digits.
pub(super) fn cpf(digits: &[u8]) -> bool {
    let check = |n: usize| {
        let sum: u32 = (0..n).map(|i| u32::from(digits[i] - b'0') * (n as u32 + 1 - i as u32)).sum();
        sum * 10 % 11 % 10 == u32::from(digits[n] - b'0')
    };
    digits.len() == 11 && digits.iter().any(|d| *d != digits[0]) && check(9) && check(10)
}

/// The Polish PESEL: a date of birth, four digits, a check digit.
pub(super) fn pesel(digits: &[u8]) -> bool {
    let month = number(digits.get(2..4).unwrap_or(&[])) % 20;
    digits.len() == 11
        && (1..=12).contains(&month)
        && (1..=31).contains(&number(&digits[4..6]))
        && weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

/// China's identity number (GB 11643): seventeen digits and a check digit or X.
pub(super) fn resident(compact: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    compact.len() == 18
        && compact[..17].iter().all(u8::is_ascii_digit)
        && b"10X98765432"[(weighted(&compact[..17], &WEIGHTS) % 11) as usize]
            == compact[17].to_ascii_uppercase()
}

/// Spain's DNI: eight digits and a letter.
pub(super) fn dni(digits: &[u8], letter: u8) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    digits.len() == 8 && LETTERS[(number(digits) % 23) as usize] == letter.to_ascii_uppercase()
}

/// The Universal Postal Union's S10 number: eight digits and a check digit.
pub(super) fn s10(digits: &[u8]) -> bool {
    if digits.len() != 9 {
        return false;
    }
    let check = match 11 - weighted(digits, &[8, 6, 4, 2, 3, 5, 9, 7]) % 11 {
        10 => 0,
        11 => 5,
        n => n,
    };
    check == u32::from(digits[8] - b'0')
}

/// The check of an IBAN (ISO 13616), from its letters and digits without spaces.
pub(super) fn iban(compact: &str) -> bool {
    compact.to_ascii_uppercase().parse::<iban::Iban>().is_ok() || mod97(compact.as_bytes())
}

fn mod97(compact: &[u8]) -> bool {
    if compact.len() < 15 || compact.len() > 34 {
        return false;
    }
    let rest = compact[4..].iter().chain(&compact[..4]).fold(0u32, |rest, b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        _ => (rest * 100 + u32::from(b.to_ascii_uppercase() - b'A') + 10) % 97,
    });
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_pass_and_fail() {
        assert!(luhn(b"4111111111111111") && !luhn(b"4111111111111112"));
        assert!(iban("GB29NWBK60161331926819") && !iban("GB28NWBK60161331926819"));
        assert!(cpf(b"52998224725") && !cpf(b"52998224724"));
        assert!(s10(b"473124829") && !s10(b"473124828"));
        assert!(dni(b"12345678", b'Z'));
        assert!(pesel(b"44051401359"));
    }
}
