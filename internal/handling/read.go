package handling

import (
	"context"
	"fmt"
	"slices"

	"yanlu/internal/attachment"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Detail is the tail of one matter.
type Detail struct {
	Assignments []AssignmentDetail
	Replies     []ReplyDetail
	Ratings     []Rating
	Marks       []Assessment // that the actor sees
	Off         []string     // actions that are not to be offered: not switched on, or not due

	marks marks
	into  []struct { // the matter that it was merged into
		Status workflow.Status
		Round  int
	}
	of          string // the matter that is read
	assignments []assignmentRow
	replies     []replyRow
}

// AssignmentDetail is an assignment as insiders see it.
type AssignmentDetail struct {
	Assignment
	UnitName     string
	HandlerPhone string
}

// ReplyDetail is a reply with its telephone number in clear: it is there to be
// called.
type ReplyDetail struct {
	Reply
	UnitName     string
	ContactPhone string
}

type assignmentRow struct {
	Assignment
	UnitName string
}

type replyRow struct {
	Reply
	UnitName string
}

// Load adds the queries for the tail of a matter of a kind to a batch. What was
// merged into another has the replies of that, if its kind answers each original.
func (s *Service) Load(b *store.Batch, kind matter.Kind, matterID string) *Detail {
	d := &Detail{of: matterID}
	store.Read(b, &d.assignments, `SELECT assignments.*, units.name AS unit_name FROM assignments JOIN units ON units.id = assignments.unit_id
		WHERE matter_id = ? ORDER BY assignments.id LIMIT 200`, matterID)
	of, ratings, args := "replies.matter_id = ?", "matter_id = ?", []any{matterID}
	terms := s.kinds[kind].Terms
	if terms.PerOriginal {
		of += " OR replies.matter_id = (SELECT merged_into FROM matters WHERE id = ? AND kind = ?)"
		ratings += " OR matter_id IN (SELECT id FROM matters WHERE merged_into = ? AND kind = ?)"
		args = append(args, matterID, kind)
		store.Read(b, &d.into, intoQuery, matterID)
	}
	store.Read(b, &d.replies, `SELECT replies.*, units.name AS unit_name FROM replies JOIN assignments ON assignments.id = replies.assignment_id
		JOIN units ON units.id = assignments.unit_id WHERE `+of+" ORDER BY replies.id LIMIT 500", args...)
	store.Read(b, &d.Ratings, "SELECT * FROM ratings WHERE "+ratings+" ORDER BY id LIMIT 200", args...)
	if terms.Mutual {
		d.marks.load(b, matterID)
	}
	return d
}

// Insider tells whether an actor reads all of a matter whose tail was loaded:
// the office, the leaders, and the units that handle it.
func (d *Detail) Insider(a member.Actor) matter.Insider {
	units := a.Units()
	return matter.Insider(matter.Oversees(a) || slices.ContainsFunc(d.assignments, func(r assignmentRow) bool {
		return slices.Contains(units, r.UnitID) && !slices.Contains(gone(), r.Status)
	}))
}

// Files keeps of the attachments of a matter what an actor may see who may see
// the matter. Scans are for the office, and for a unit where they are of its own
// assignment: what an author wrote on paper about a unit, the words of a rating
// among it, does not reach the unit.
func (d *Detail) Files(rows []attachment.Attachment, a member.Actor, insider matter.Insider) []attachment.Attachment {
	units := a.Units()
	return slices.DeleteFunc(attachment.Visible(rows, a, bool(insider)), func(x attachment.Attachment) bool {
		if x.Purpose != attachment.ForScan || x.By(a.PersonID) || matter.Oversees(a) {
			return false
		}
		return x.AssignmentID == nil || !slices.ContainsFunc(d.assignments, func(r assignmentRow) bool {
			return r.ID == *x.AssignmentID && slices.Contains(units, r.UnitID)
		})
	})
}

// confirmed returns what units see of the ratings: those that staff confirmed,
// without the words of the author.
func confirmed(ratings []Rating) []Rating {
	var seen []Rating
	for _, r := range ratings {
		if r.ConfirmedAt != nil {
			r.Comment = ""
			seen = append(seen, r)
		}
	}
	return seen
}

// Finish completes a loaded tail for one who may see its matter. Insiders see
// all of it; authors see the units, and the replies that have passed. Ratings
// are for authors and the office: units learn of them when staff confirm them.
func (s *Service) Finish(d *Detail, a member.Actor, insider matter.Insider) error {
	if bool(insider) && !matter.Oversees(a) {
		d.Ratings = confirmed(d.Ratings)
	}
	if !insider { // the authors of each original are told of theirs
		d.Ratings = slices.DeleteFunc(d.Ratings, func(r Rating) bool { return r.MatterID != d.of })
	}
	for _, row := range d.assignments {
		v := AssignmentDetail{Assignment: row.Assignment, UnitName: row.UnitName}
		if bool(insider) && len(row.HandlerPhoneSealed) > 0 {
			var err error
			if v.HandlerPhone, err = s.keeper.Open(row.HandlerPhoneSealed, handlerContext(row.ID)); err != nil {
				return fmt.Errorf("open the phone number of assignment %s: %w", row.ID, err)
			}
		}
		if !insider {
			v.Requirement, v.HandlerName, v.Urged = "", "", 0
		}
		d.Assignments = append(d.Assignments, v)
	}
	d.Marks = d.marks.seen(a, d.assignments, s.now())
	if !d.marks.switchedOn() {
		d.Off = append(d.Off, markAuthor, markHandling)
	}
	if !d.rateable() {
		d.Off = append(d.Off, rateOriginal)
	}
	own := map[string]bool{} // letters that have a text of their own for what is read
	for _, r := range d.replies {
		own[r.letter()] = own[r.letter()] || r.AboutID != nil && *r.AboutID == d.of
	}
	for _, r := range d.replies {
		if !d.reads(r.Reply, bool(insider), own[r.letter()]) {
			continue
		}
		v := ReplyDetail{Reply: r.Reply, UnitName: r.UnitName}
		if len(r.ContactPhoneSealed) > 0 {
			var err error
			if v.ContactPhone, err = s.keeper.Open(r.ContactPhoneSealed, contactContext(r.ID)); err != nil {
				return fmt.Errorf("open the phone number of reply %s: %w", r.ID, err)
			}
		}
		d.Replies = append(d.Replies, v)
	}
	return nil
}

// Off lists of some actions on a matter, or on an assignment of it, those that are not
// to be offered, as Detail.Off does for one that is read. It asks the database only
// where one of them may be.
func Off(ctx context.Context, c store.Conn, institutionID, matterID string, actions []string) ([]string, error) {
	var off []string
	if slices.Contains(actions, markAuthor) || slices.Contains(actions, markHandling) {
		on, err := MutualMarks().Of(ctx, c, institutionID)
		if err != nil {
			return nil, err
		}
		if !on {
			off = append(off, markAuthor, markHandling)
		}
	}
	if !slices.Contains(actions, rateOriginal) {
		return off, nil
	}
	d := &Detail{of: matterID}
	if err := c.Gorm(ctx).Raw(intoQuery, matterID).Scan(&d.into).Error; err != nil {
		return nil, fmt.Errorf("find what a matter was merged into: %w", err)
	}
	if err := c.Gorm(ctx).Where("matter_id = ?", matterID).Find(&d.Ratings).Error; err != nil {
		return nil, fmt.Errorf("find the ratings: %w", err)
	}
	if !d.rateable() {
		off = append(off, rateOriginal)
	}
	return off, nil
}

// intoQuery asks where the matter stands that another was merged into.
const intoQuery = "SELECT status, round FROM matters WHERE id = (SELECT merged_into FROM matters WHERE id = ?)"

// rateable reports whether the first author of what was merged into another has an
// answer to rate.
func (d *Detail) rateable() bool {
	return len(d.into) > 0 && slices.Contains(answered(), d.into[0].Status) &&
		!slices.ContainsFunc(d.Ratings, func(r Rating) bool { return r.MatterID == d.of && r.Round == d.into[0].Round })
}

// reads tells whether a reply is read on the matter at hand: on what was merged
// into another, of each letter what answers it; own tells that there is such a
// text. Who is no insider reads answers that have passed.
func (d *Detail) reads(r Reply, insider, own bool) bool {
	switch {
	case !insider && (r.Kind != Answer || r.Verdict != Passed):
		return false
	case r.MatterID == d.of:
		return insider || r.AboutID == nil
	case r.Kind != Answer:
		return false
	case r.AboutID != nil:
		return *r.AboutID == d.of
	}
	return !own
}

// Latest returns, for each of some matters and each unit that has or had it, the
// latest assignment. It asks one query.
func (s *Service) Latest(ctx context.Context, c store.Conn, institutionID string, matterIDs []string) ([]AssignmentDetail, error) {
	var rows []assignmentRow
	err := c.Gorm(ctx).Raw(`SELECT assignments.*, units.name AS unit_name FROM assignments JOIN units ON units.id = assignments.unit_id
		WHERE assignments.institution_id = ? AND matter_id IN ? ORDER BY assignments.id DESC`, institutionID, matterIDs).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find the latest assignments: %w", err)
	}
	var latest []AssignmentDetail
	for _, r := range rows {
		if !slices.ContainsFunc(latest, func(x AssignmentDetail) bool { return x.MatterID == r.MatterID && x.UnitID == r.UnitID }) {
			latest = append(latest, AssignmentDetail{Assignment: r.Assignment, UnitName: r.UnitName})
		}
	}
	return latest, nil
}
