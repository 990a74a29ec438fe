// Package audit records what staff did to people and to data: who, what, on
// what, when. Entries carry identifiers and no personal data, and are only
// ever added.
package audit

import (
	"time"

	"yanlu/internal/member"
	"yanlu/internal/store"
)

// Entry is one act of staff.
type Entry struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	PersonID      string // who acted
	AccountID     string
	Action        string // "member.suspend"
	SubjectType   string // "person"
	SubjectID     string
	At            time.Time
}

// TableName names the table.
func (Entry) TableName() string { return "audit_entries" }

// Record queues an entry in the transaction of the act itself, so that neither
// is without the other.
func Record(tx *store.Tx, a member.Actor, now time.Time, action, subjectType, subjectID string) {
	tx.Insert(&Entry{
		ID: store.NewID(), InstitutionID: a.InstitutionID, PersonID: a.PersonID, AccountID: a.AccountID,
		Action: action, SubjectType: subjectType, SubjectID: subjectID, At: now,
	})
}
