package attachment

import (
	"time"

	"yanlu/internal/member"
	"yanlu/internal/store"
)

// OutsideLink returns the path of a link to an attachment's content for somebody
// outside, such as a service that looks at pictures: whoever has it may open it
// for the given time, whether the attachment is held back or not.
func (s *Service) OutsideLink(id string, valid time.Duration) string {
	return linkPath + s.link(id, Original, true, s.now().Add(valid))
}

// OnRefer adds what is done in the transaction in which a thing refers to
// attachments, of which there is at least one. It is for packages beside and
// above this one.
func (s *Service) OnRefer(do func(tx *store.Tx, a member.Actor, ids []string, r Reference)) {
	s.onRefer = append(s.onRefer, do)
}
