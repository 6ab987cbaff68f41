// The three things that Claviger asks of a token, and nothing else: what SoftHSM, YubiHSM 2, TPMs, CloudHSM
// and Luna have in common.
#pragma once

#include <p11-kit/pkcs11.h>

namespace claviger::hsm {

// Makes a purpose key. Tokens that lack it can hold imported keys.
inline CK_MECHANISM GenerateSecretMechanism() { return {CKM_GENERIC_SECRET_KEY_GEN, nullptr, 0}; }
// PKCS#11 2.40 section 2.22 (SHA-256 HMAC), by C_SignInit and C_Sign.
inline CK_MECHANISM HmacMechanism() { return {CKM_SHA256_HMAC, nullptr, 0}; }
// The third is no mechanism but a function: C_GenerateRandom, announced by CKF_RNG.

}  // namespace claviger::hsm
