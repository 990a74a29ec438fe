package wechat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// sealBlock is what the platform pads to; it is more than AES's own block.
const sealBlock = 32

// sealHead is the length of what precedes the message: 16 random bytes and the
// message's length in four.
const sealHead = 16 + 4

// parseAESKey reads an EncodingAESKey: base64 of 32 bytes without its "=".
func parseAESKey(encoded string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(encoded + "=")
	if err != nil || len(encoded) != 43 || len(key) != 32 {
		return nil, errors.New("the callback's AES key must be 43 characters of base64")
	}
	return key, nil
}

// sign returns the platform's signature: SHA-1, in hexadecimal, of the parts
// sorted and joined.
func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// signed compares a signature in constant time with what it should be.
func signed(signature string, parts ...string) bool {
	return subtle.ConstantTimeCompare([]byte(signature), []byte(sign(parts...))) == 1
}

// unseal decrypts the Encrypt of a push in safe mode: base64 of AES-256-CBC with
// the key's first 16 bytes as IV over 16 random bytes, the length, the message
// and the AppID. The signature must have been checked before, so that the
// padding tells nothing to a stranger. A message for another AppID is refused.
func unseal(key []byte, appID, encrypted string) ([]byte, error) {
	sealed, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, ErrMalformed
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, ErrMalformed
	}
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(plain, sealed)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > sealBlock || pad > len(plain)-sealHead {
		return nil, ErrMalformed
	}
	plain = plain[:len(plain)-pad]
	length := binary.BigEndian.Uint32(plain[16:sealHead])
	rest := plain[sealHead:]
	if uint64(length) > uint64(len(rest)) {
		return nil, ErrMalformed
	}
	if !bytes.Equal(rest[length:], []byte(appID)) {
		return nil, ErrForged
	}
	return rest[:length], nil
}
