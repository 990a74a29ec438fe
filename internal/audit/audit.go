// Package audit records what staff did to people and to data, what they took
// out and what they looked at unmasked: who, in which roles, what, on what,
// when. Entries carry identifiers and no personal data, and are only ever added.
//
// Each entry has a mac of its own from the moment that it is written, so that a
// row which this program did not write is known. It is committed with its act,
// outside of any chain, since a chain would make acts wait for each other. One
// sealer then gives the entries of each institution their places in a chain:
// the link of each covers its mac, its place and the link before it. The row of
// the chain remembers its length and its last link, and one row for all chains
// remembers their number and their length together. All of this is made with a
// key that is not in the database. So Verify finds a row that was changed,
// added, taken out, moved or cut off at the end. What it cannot find by itself
// is a database that was put back as a whole to an earlier day: for that the
// heads are printed and kept elsewhere (Heads, and Verify with them).
package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/store"
)

// KeySize is the length of the key, in bytes.
const KeySize = 32

// ErrKey is a key that is not the one with which this database was written.
var ErrKey = errors.New("keys.audit is not the key that this database was written with: find the right key; under another one every entry would seem forged")

// Kind says what sort of thing somebody did.
type Kind string

// The kinds of entries.
const (
	Act    Kind = "ACT"    // changed something
	Look   Kind = "LOOK"   // saw personal data unmasked
	Export Kind = "EXPORT" // took data out
)

// Terminal stands in Entry.Roles where somebody acted at the server's own
// terminal, by a command.
const Terminal member.Role = "TERMINAL"

// Entry is one thing that somebody did, on one subject.
type Entry struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	PersonID      *string // who acted; nil at the terminal
	AccountID     *string
	Roles         string // that they wore, sorted, with commas
	Kind          Kind
	Action        string  // identifier of the operation: "member.suspend"
	SubjectType   string  // "person"; may be empty
	SubjectID     *string // nil where the act has no one subject
	ActedFor      *string // person or unit whose act was recorded from paper
	At            time.Time
	Mac           []byte // of all the above
	Seq           *int64 // place in the chain of the institution, from 1; nil until sealed
	Link          []byte
}

// TableName names the table.
func (Entry) TableName() string { return "audit_entries" }

// Chain is how far the entries of one institution are sealed.
type Chain struct {
	InstitutionID string `gorm:"primaryKey"`
	Sealed        int64
	Head          []byte // link of the last entry
	SealedAt      time.Time
	Mac           []byte
}

// TableName names the table.
func (Chain) TableName() string { return "audit_chains" }

// Totals is the one row about all chains.
type Totals struct {
	ID      int `gorm:"primaryKey;autoIncrement:false"`
	KeyMark string
	Chains  int64
	Sealed  int64 // of all chains together
	Mac     []byte
}

// TableName names the table.
func (Totals) TableName() string { return "audit_totals" }

// Service records, seals and verifies.
type Service struct {
	db  *store.DB
	key func() hash.Hash // in a function, so that printing a Service prints no key
	log *slog.Logger
}

// New returns the service. The key has 32 random bytes and is kept outside of
// the database.
func New(db *store.DB, key []byte, log *slog.Logger) (*Service, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("audit: the key has %d bytes, not %d", len(key), KeySize)
	}
	key = slices.Clone(key)
	return &Service{db: db, key: func() hash.Hash { return hmac.New(sha256.New, key) }, log: log}, nil
}

// plain are the roles whose acts are nobody's but their own.
var plain = []member.Role{member.Member, "FORMER_MEMBER", "CITIZEN"}

// Watches reports whether what an actor does is recorded: everybody does who
// wears a role in which one handles what others handed in.
func Watches(a member.Actor) bool {
	return slices.ContainsFunc(a.Roles(), func(r member.Role) bool { return !slices.Contains(plain, r) })
}

// By returns an entry of what an actor does.
func By(a member.Actor, kind Kind, action string) Entry {
	roles := make([]string, 0, 4)
	for _, h := range a.Held {
		roles = append(roles, string(h.Role))
	}
	slices.Sort(roles)
	return Entry{
		InstitutionID: a.InstitutionID, PersonID: pointer(a.PersonID), AccountID: pointer(a.AccountID),
		Roles: strings.Join(slices.Compact(roles), ","), Kind: kind, Action: action,
	}
}

// On returns the entry with a subject; an empty id is none.
func (e Entry) On(subjectType, id string) Entry {
	e.SubjectType, e.SubjectID = subjectType, pointer(id)
	return e
}

// For returns the entry with the person or unit whose act was recorded from
// paper; an empty id is none.
func (e Entry) For(id string) Entry {
	e.ActedFor = pointer(id)
	return e
}

func pointer(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// atOnce is how many entries go into one statement.
const atOnce = 500

// Record queues entries in the transaction of the act itself, so that neither is
// without the other.
func (s *Service) Record(tx *store.Tx, now time.Time, entries ...Entry) {
	for some := range slices.Chunk(slices.Clone(entries), atOnce) {
		for i := range some {
			e := &some[i]
			e.ID, e.At, e.Seq, e.Link = store.NewID(), store.Micro(now), nil, nil
			e.Mac = s.macOf(*e)
		}
		tx.Insert(&some)
	}
}

// mac returns the keyed digest of some values, each with its length, so that
// none can pass for the beginning of the next.
func (s *Service) mac(what string, values ...[]byte) []byte {
	h := s.key()
	for _, v := range append([][]byte{[]byte(what)}, values...) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(v))))
		h.Write(v)
	}
	return h.Sum(nil)
}

func number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func maybe(s *string) []byte {
	if s == nil {
		return nil
	}
	return []byte(*s)
}

func (s *Service) macOf(e Entry) []byte {
	return s.mac("entry", []byte(e.ID), []byte(e.InstitutionID), maybe(e.PersonID), maybe(e.AccountID), []byte(e.Roles), []byte(e.Kind),
		[]byte(e.Action), []byte(e.SubjectType), maybe(e.SubjectID), maybe(e.ActedFor), number(e.At.UnixMicro()))
}

func (s *Service) linkOf(e Entry, seq int64, before []byte) []byte {
	return s.mac("link", []byte(e.InstitutionID), number(seq), before, e.Mac)
}

func (s *Service) macOfChain(c Chain) []byte {
	return s.mac("chain", []byte(c.InstitutionID), number(c.Sealed), c.Head, number(c.SealedAt.UnixMicro()))
}

func (s *Service) macOfTotals(t Totals) []byte {
	return s.mac("totals", number(t.Chains), number(t.Sealed))
}

func same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// CheckKey returns ErrKey where the database was written with another key, and
// leaves the mark of the key in a database that has none yet.
func (s *Service) CheckKey(ctx context.Context) error {
	mark := hex.EncodeToString(s.mac("key"))
	t, err := gorm.G[Totals](s.db.Gorm(ctx)).Where("id = 1").First(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		t = Totals{ID: 1, KeyMark: mark}
		err = s.db.Tx(ctx, func(tx *store.Tx) error {
			tx.Exec("INSERT INTO audit_totals (id, key_mark, chains, sealed, mac) VALUES (1, ?, 0, 0, ?) ON CONFLICT (id) DO NOTHING", mark, s.macOfTotals(t))
			t, err = gorm.G[Totals](tx.Gorm(ctx)).Where("id = 1").First(ctx)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("check the key of the audit: %w", err)
	}
	if !same([]byte(t.KeyMark), []byte(mark)) {
		return ErrKey
	}
	return nil
}
