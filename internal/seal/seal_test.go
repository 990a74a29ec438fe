package seal_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"yanlu/internal/seal"
)

const (
	phone   = "13800138000"
	context = "people.phone:42"
)

func key(first byte) []byte {
	k := make([]byte, seal.KeySize)
	for i := range k {
		k[i] = first + byte(i)
	}
	return k
}

func keeper(t *testing.T, encryption, lookup byte) *seal.Keeper {
	t.Helper()
	k, err := seal.New(key(encryption), key(lookup))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealed(t *testing.T, k *seal.Keeper, plain string) []byte {
	t.Helper()
	b, err := k.Seal(plain, context)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNewRefusesKeysThatAreWrong(t *testing.T) {
	cases := map[string]struct {
		encryption, lookup []byte
		says               string
	}{
		"no encryption key":         {nil, key(1), "encryption key has 0 bytes"},
		"encryption key of AES-128": {key(1)[:16], key(2), "encryption key has 16 bytes"},
		"no look-up key":            {key(1), nil, "look-up key has 0 bytes"},
		"look-up key too long":      {key(1), append(key(2), 0), "look-up key has 33 bytes"},
		"one key for both":          {key(1), key(1), "are the same"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			k, err := seal.New(c.encryption, c.lookup)
			if k != nil || err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("New = %v, %v; want an error that says %q", k, err, c.says)
			}
		})
	}
}

func TestOpenReturnsWhatWasSealed(t *testing.T) {
	k := keeper(t, 1, 2)
	for _, plain := range []string{"", "1", phone, "买买提·吐尔逊", strings.Repeat("证", 4096), "\x00\xff"} {
		got, err := k.Open(sealed(t, k, plain), context)
		if err != nil || got != plain {
			t.Errorf("Open = %q, %v; want %q", got, err, plain)
		}
	}
}

func TestSealingTwiceGivesDifferentBytes(t *testing.T) {
	k := keeper(t, 1, 2)
	a, b := sealed(t, k, phone), sealed(t, k, phone)
	if bytes.Equal(a, b) {
		t.Fatal("two seals of one value are equal")
	}
	if bytes.Contains(a, []byte(phone)) {
		t.Fatal("the value can be read in its seal")
	}
	if len(a) != len(phone)+29 {
		t.Fatalf("a seal of %d bytes has %d, want 29 more", len(phone), len(a))
	}
}

func TestOpenRefusesEveryChangedBit(t *testing.T) {
	k := keeper(t, 1, 2)
	whole := sealed(t, k, phone)
	for i := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			if got, err := k.Open(b, context); err == nil || got != "" {
				t.Fatalf("byte %d bit %d: Open = %q, %v", i, bit, got, err)
			}
		}
	}
}

func TestOpenRefusesEveryCut(t *testing.T) {
	k := keeper(t, 1, 2)
	whole := sealed(t, k, phone)
	for n := range whole {
		for side, b := range map[string][]byte{"tail": whole[:n], "head": whole[len(whole)-n:]} {
			if got, err := k.Open(b, context); err == nil || got != "" {
				t.Fatalf("%s cut to %d bytes: Open = %q, %v", side, n, got, err)
			}
		}
	}
	if _, err := k.Open(append(bytes.Clone(whole), 0), context); !errors.Is(err, seal.ErrRefused) {
		t.Fatalf("one byte more: %v", err)
	}
}

func TestOpenNamesTheKindOfError(t *testing.T) {
	k := keeper(t, 1, 2)
	whole := sealed(t, k, phone)
	cases := map[string]struct {
		keeper  *seal.Keeper
		bytes   []byte
		context string
		want    error
	}{
		"another row":             {k, whole, "people.phone:43", seal.ErrRefused},
		"another column":          {k, whole, "people.identity:42", seal.ErrRefused},
		"another encryption key":  {keeper(t, 3, 2), whole, context, seal.ErrRefused},
		"another look-up key":     {keeper(t, 1, 3), whole, context, nil},
		"no context":              {k, whole, "", seal.ErrNoContext},
		"nothing":                 {k, nil, context, seal.ErrForm},
		"a version to come":       {k, append([]byte{2}, whole[1:]...), context, seal.ErrForm},
		"plain text in the place": {k, []byte(phone + phone + phone), context, seal.ErrForm},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := c.keeper.Open(c.bytes, c.context)
			if !errors.Is(err, c.want) {
				t.Fatalf("Open: %v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), phone) {
				t.Fatalf("the error tells the value: %v", err)
			}
		})
	}
	if _, err := k.Seal(phone, ""); !errors.Is(err, seal.ErrNoContext) {
		t.Fatalf("Seal without context: %v", err)
	}
}

func TestNewCopiesItsKeys(t *testing.T) {
	encryption, lookup := key(1), key(2)
	k, err := seal.New(encryption, lookup)
	if err != nil {
		t.Fatal(err)
	}
	before, digest := sealed(t, k, phone), k.Digest("people.phone", phone)
	clear(encryption)
	clear(lookup)
	if _, err := k.Open(before, context); err != nil || k.Digest("people.phone", phone) != digest {
		t.Fatalf("the keeper changed with the slices of its caller: %v", err)
	}
}

func TestDigestDependsOnKeyPurposeAndValue(t *testing.T) {
	k := keeper(t, 1, 2)
	digests := map[string]string{
		"itself":           k.Digest("people.phone", phone),
		"another value":    k.Digest("people.phone", "13800138001"),
		"another purpose":  k.Digest("accounts.phone", phone),
		"a moved boundary": k.Digest("people.phon", "e"+phone),
		"no purpose":       k.Digest("", phone),
		"another key":      keeper(t, 1, 3).Digest("people.phone", phone),
	}
	seen := map[string]string{}
	for name, d := range digests {
		if raw, err := hex.DecodeString(d); err != nil || len(raw) != 32 {
			t.Errorf("%s: %q is not 32 bytes in hexadecimal", name, d)
		}
		if other, ok := seen[d]; ok {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[d] = name
	}
	if digests["itself"] != keeper(t, 9, 2).Digest("people.phone", phone) {
		t.Error("the digest depends on the encryption key")
	}
	// Computed apart, with Python's hmac. Stored digests depend on it.
	const want = "5670e90661cc72fba71679516f2809f5769af1deaef68948cc96a4f28ca16133"
	if digests["itself"] != want {
		t.Errorf("the digest is %s, rows were stored with %s", digests["itself"], want)
	}
}

func TestAKeeperNeverPrintsItsKeys(t *testing.T) {
	k := keeper(t, 'A', 'a')
	type holder struct {
		Public *seal.Keeper
		Value  seal.Keeper
		inner  seal.Keeper
		deep   *seal.Keeper
	}
	h := holder{Public: k, Value: *k, inner: *k, deep: k}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, value := range []any{k, *k, h, &h, []any{k, h}} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
	}
	for _, value := range []any{k, *k, h} {
		b, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("opened", "keeper", k, "holder", h)
	slog.New(slog.NewTextHandler(&out, nil)).Info("opened", "keeper", *k, "holder", h)
	fmt.Fprint(&out, k.String(), k.GoString())

	printed := out.String()
	for _, first := range []byte{'A', 'a'} {
		part := key(first)[4:8]
		for form, leak := range map[string]string{
			"text":    string(part),
			"hex":     hex.EncodeToString(part),
			"HEX":     strings.ToUpper(hex.EncodeToString(part)),
			"decimal": strings.Trim(fmt.Sprint(part), "[]"),
			"go":      strings.Trim(fmt.Sprintf("%#v", part), "[]byte{}"),
		} {
			if strings.Contains(printed, leak) {
				t.Errorf("a key is printed as %s:\n%s", form, printed)
			}
		}
	}
	if !strings.Contains(printed, "hidden") {
		t.Errorf("nothing was printed: %s", printed)
	}
}

// stored is phone for context under key(1), sealed apart from this package with
// nonce 100…111. Rows in databases look like it: it must open for ever.
const stored = "016465666768696a6b6c6d6e6f516c4b7ca1b38f41c8679f470faabda62e60b64cb63685086dc8c6"

func TestAValueThatWasStoredBeforeStillOpens(t *testing.T) {
	whole, err := hex.DecodeString(stored)
	if err != nil {
		t.Fatal(err)
	}
	got, err := keeper(t, 1, 2).Open(whole, context)
	if err != nil || got != phone {
		t.Fatalf("Open = %q, %v", got, err)
	}
}

func FuzzOpenTakesNothingButWhatWasSealed(f *testing.F) {
	k, err := seal.New(key(1), key(2))
	if err != nil {
		f.Fatal(err)
	}
	whole, err := hex.DecodeString(stored)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(nil), "")
	f.Add(whole, context)
	f.Fuzz(func(t *testing.T, b []byte, place string) {
		got, err := k.Open(b, place)
		if err == nil && (!bytes.Equal(b, whole) || place != context) {
			t.Fatalf("Open took bytes that were not sealed: %q", got)
		}
	})
}
