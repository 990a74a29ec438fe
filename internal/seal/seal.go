// Package seal encrypts single values, such as a phone number, before they are
// stored in a column, and makes the keyed digests by which they are found again.
//
// A sealed value is bound to the place where it belongs: whoever can write to
// the database, but has no key, cannot read it, change it, or move it to
// another row without Open noticing.
//
//	version (1 byte) | nonce (12 bytes) | cipher text | tag (16 bytes)
//
// The cipher is AES-256-GCM with a random nonce (NIST SP 800-38D, section
// 8.2.2), which is safe for 2^32 values under one key: far more than the phone
// numbers of a province. The digest is HMAC-SHA256 (RFC 2104).
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
)

// KeySize is the length of either key, in bytes.
const KeySize = 32

// version marks the form of a sealed value, so that a later form (or a second
// key) can be told from this one. It is covered by the tag.
const version = 1

// Errors that Open returns. None of them says anything of the value.
var (
	// ErrForm means that the bytes are no sealed value: too short, or of a
	// version that this program does not know.
	ErrForm = errors.New("seal: not a sealed value")

	// ErrRefused means that the value was sealed with another key or for
	// another context, or that it was changed since.
	ErrRefused = errors.New("seal: wrong key, wrong context or changed value")

	// ErrNoContext means that a value was to be sealed or opened without
	// saying where it belongs, which would let it be moved between rows.
	ErrNoContext = errors.New("seal: no context")
)

// Keeper holds the two keys of an installation. It is made by New and is safe
// for use by many goroutines at once.
type Keeper struct {
	// The keys stand inside functions because fmt, asked for a struct that
	// holds a Keeper in an unexported field, calls no method of it but prints
	// its fields by reflection, and with a verb such as %s it even follows
	// pointers. Of a function it prints the address and no more.
	aead func() cipher.AEAD
	mac  func() hash.Hash
}

// New makes a Keeper from two keys of 32 random bytes each: one for Seal and
// Open, one for Digest. They must differ, since the look-up key is the one that
// could be guessed against if digests leak. The slices are copied. An error
// names the key that is wrong, never its bytes.
func New(encryptionKey, lookupKey []byte) (*Keeper, error) {
	if len(encryptionKey) != KeySize {
		return nil, fmt.Errorf("seal: encryption key has %d bytes, not %d", len(encryptionKey), KeySize)
	}
	if len(lookupKey) != KeySize {
		return nil, fmt.Errorf("seal: look-up key has %d bytes, not %d", len(lookupKey), KeySize)
	}
	if subtle.ConstantTimeCompare(encryptionKey, lookupKey) == 1 {
		return nil, errors.New("seal: the encryption key and the look-up key are the same")
	}
	block, err := aes.NewCipher(encryptionKey)
	if err != nil {
		return nil, fmt.Errorf("seal: encryption key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("seal: cipher: %w", err)
	}
	lookup := append([]byte(nil), lookupKey...)
	return &Keeper{
		aead: func() cipher.AEAD { return aead },
		mac:  func() hash.Hash { return hmac.New(sha256.New, lookup) },
	}, nil
}

// Seal encrypts plain for one place. Context names that place in a way that
// never changes, by table, column and id ("people.phone:42"); the same context
// is needed to open the value. Sealing the same text twice gives different
// bytes. The result is 29 bytes longer than plain; an empty text may be sealed.
// The only error is ErrNoContext.
func (k *Keeper) Seal(plain, context string) ([]byte, error) {
	if context == "" {
		return nil, ErrNoContext
	}
	aead := k.aead()
	sealed := make([]byte, 1, 1+len(plain)+aead.Overhead())
	sealed[0] = version
	return aead.Seal(sealed, nil, []byte(plain), associated(context)), nil
}

// Open returns the text that was sealed for the given context. It returns
// ErrForm, ErrRefused or ErrNoContext, and then no text at all.
func (k *Keeper) Open(sealed []byte, context string) (string, error) {
	if context == "" {
		return "", ErrNoContext
	}
	aead := k.aead()
	if len(sealed) < 1+aead.Overhead() || sealed[0] != version {
		return "", ErrForm
	}
	plain, err := aead.Open(nil, nil, sealed[1:], associated(context))
	if err != nil {
		return "", ErrRefused
	}
	return string(plain), nil
}

// Digest returns a keyed digest of value as 64 hexadecimal digits, by which an
// equal value is found without opening any. Purpose names what is looked up
// ("people.phone"); the same value has unrelated digests for two purposes, so
// that one column cannot be joined to another. The caller brings the value into
// its one form first: digests of "138 0000 0000" and "13800000000" differ.
func (k *Keeper) Digest(purpose, value string) string {
	mac := k.mac()
	// The length keeps ("ab", "c") apart from ("a", "bc").
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(purpose))))
	mac.Write([]byte(purpose))
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil))
}

// associated returns what is covered by the tag beside the text itself.
func associated(context string) []byte {
	return append([]byte{version}, context...)
}
