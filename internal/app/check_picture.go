package app

import (
	"time"

	"yanlu/internal/attachment"
	"yanlu/internal/member"
	"yanlu/internal/safety"
	"yanlu/internal/store"
)

// pictures are the kept pictures as safety needs them.
type pictures struct {
	files     *attachment.Service
	publicURL string // empty: nobody outside can fetch them
}

// Address implements safety.Pictures.
func (p pictures) Address(id string, valid time.Duration) string {
	if p.publicURL == "" {
		return ""
	}
	return p.publicURL + p.files.OutsideLink(id, valid)
}

// Hold implements safety.Pictures.
func (p pictures) Hold(tx *store.Tx, id string) { p.files.Hold(tx, id) }

// Release implements safety.Pictures.
func (p pictures) Release(tx *store.Tx, id string) { p.files.Release(tx, id) }

// toCheck hands in to the check what others will see. A scan of a paper is the
// office's own.
func toCheck(checks *safety.Service) func(*store.Tx, member.Actor, []string, attachment.Reference) {
	return func(tx *store.Tx, a member.Actor, ids []string, r attachment.Reference) {
		if r.Public && r.Purpose != attachment.ForScan {
			checks.HandPictures(tx, r.MatterID, a.AccountID, ids)
		}
	}
}
