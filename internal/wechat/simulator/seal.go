package simulator

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"sort"
)

// signature is the platform's: SHA-1 of the parts, sorted and joined.
func signature(parts ...string) string {
	sort.Strings(parts)
	h := sha1.New()
	for _, part := range parts {
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// decodeKey reads an EncodingAESKey of 43 characters.
func decodeKey(encoded string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(encoded + "=")
	if err != nil || len(key) != 32 {
		return nil, errors.New("simulator: the AES key must be 43 characters of base64")
	}
	return key, nil
}

// seal encrypts a push as safe mode does: 16 random bytes, the length, the
// message and the AppID, padded to 32, AES-256-CBC, base64.
func seal(key []byte, appID string, message []byte) (string, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	plain := make([]byte, 16, 64+len(message)+len(appID))
	_, _ = rand.Read(plain) // never fails
	n := len(message)
	plain = append(plain, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	plain = append(plain, message...)
	plain = append(plain, appID...)
	pad := 32 - len(plain)%32
	for range pad {
		plain = append(plain, byte(pad))
	}
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), nil
}
