package attachment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/store"
)

// Reference is what refers to attachments.
type Reference struct {
	MatterID     string
	AssignmentID *string // nil for what is of the matter itself
	PartID       *string // the reply, note or event that they belong to
	Purpose      Purpose
	Public       bool // the authors of the matter see them
	Limit        int  // how many at most; 0: nine
}

// maxReferred is how many attachments one thing has at most.
const maxReferred = 9

// Refer lets a thing of a matter have attachments of the actor, in the order of
// ids, in the transaction in which the thing comes into being: its row is
// queued or there. Without ids it does nothing, and asks nothing of the
// database. Who did not upload one, or finds it in use already, gets
// ErrNotFound; also ErrTwice, ErrTooMany, ErrSort.
func (s *Service) Refer(ctx context.Context, tx *store.Tx, a member.Actor, ids []string, r Reference) error {
	if len(ids) == 0 {
		return nil
	}
	limit := r.Limit
	if limit == 0 {
		limit = maxReferred
	}
	if len(ids) > limit {
		return ErrTooMany.Saying(fmt.Sprintf("照片和文件最多%d个，请减少几个。", limit))
	}
	if len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
		return ErrTwice
	}
	var before int
	err := tx.Gorm(ctx).Raw("SELECT COUNT(*) FROM attachments WHERE matter_id = ? AND purpose = ? AND COALESCE(part_id, matter_id) = COALESCE(?, matter_id) AND removed_at IS NULL",
		r.MatterID, r.Purpose, r.PartID).Scan(&before).Error
	if err != nil {
		return fmt.Errorf("refer to attachments: %w", err)
	}
	if before+len(ids) > limit {
		return ErrTooMany.Saying(fmt.Sprintf("照片和文件一共最多%d个，请减少几个。", limit))
	}
	var order strings.Builder
	args := []any{r.MatterID, r.AssignmentID, r.PartID, r.Purpose, r.Public, s.now()}
	for i, id := range ids {
		fmt.Fprintf(&order, " WHEN ? THEN %d", i+1)
		args = append(args, id)
	}
	args = append(args, ids, a.InstitutionID, a.PersonID, r.Purpose.takes())
	done := tx.Gorm(ctx).Exec(`UPDATE attachments SET matter_id = ?, assignment_id = ?, part_id = ?, purpose = ?, public = ?, referred_at = ?,
		ordinal = CASE id`+order.String()+` END
		WHERE id IN ? AND institution_id = ? AND uploader_id = ? AND matter_id IS NULL AND media_type IN ?`, args...)
	if done.Error != nil {
		return fmt.Errorf("refer to attachments: %w", done.Error)
	}
	if int(done.RowsAffected) == len(ids) {
		for _, do := range s.onRefer {
			do(tx, a, ids, r)
		}
		return nil
	}
	// The act fails; it remains to say why. What this statement has taken is
	// not waiting any more, so it is left out of the count.
	var wrong int
	err = tx.Gorm(ctx).Raw(`SELECT COUNT(*) FROM attachments WHERE id IN ? AND institution_id = ? AND uploader_id = ?
		AND matter_id IS NULL AND media_type NOT IN ?`, ids, a.InstitutionID, a.PersonID, r.Purpose.takes()).Scan(&wrong).Error
	if err != nil {
		return fmt.Errorf("refer to attachments: %w", err)
	}
	if wrong > 0 {
		return ErrSort
	}
	return ErrNotFound
}

// Replace lets a thing of a matter show just the attachments of ids, in their
// order; nil leaves them as they are. New ones are referred to as by Refer. What
// is left out is kept, since others have seen it, and shown no more.
func (s *Service) Replace(ctx context.Context, tx *store.Tx, a member.Actor, ids []string, r Reference) error {
	if ids == nil {
		return nil
	}
	var has []string
	err := tx.Gorm(ctx).Raw("SELECT id FROM attachments WHERE matter_id = ? AND purpose = ? AND COALESCE(part_id, matter_id) = COALESCE(?, matter_id)",
		r.MatterID, r.Purpose, r.PartID).Scan(&has).Error
	if err != nil {
		return fmt.Errorf("find the attachments of a matter: %w", err)
	}
	for _, id := range has {
		var removed any
		if !slices.Contains(ids, id) {
			removed = s.now()
		}
		tx.Exec("UPDATE attachments SET removed_at = ? WHERE id = ?", removed, id)
	}
	fresh := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(has, id) })
	if err := s.Refer(ctx, tx, a, fresh, r); err != nil {
		return err
	}
	for i, id := range ids {
		tx.Exec("UPDATE attachments SET ordinal = ? WHERE id = ?", i+1, id)
	}
	return nil
}

// maxOfMatter bounds what a matter shows.
const maxOfMatter = 200

// Load adds the query for the attachments of a matter to a batch, the oldest
// 200 of them.
func Load(b *store.Batch, matterID string) *[]Attachment {
	var rows []Attachment
	store.Read(b, &rows, "SELECT * FROM attachments WHERE matter_id = ? AND removed_at IS NULL ORDER BY purpose, part_id, ordinal, id LIMIT ?", matterID, maxOfMatter)
	return &rows
}

// Visible keeps of the attachments of a matter what an actor may see who may
// see the matter: an insider all of them, others what is public; what is held
// back, its uploader and the staff alone.
func Visible(rows []Attachment, a member.Actor, insider bool) []Attachment {
	return slices.DeleteFunc(slices.Clone(rows), func(x Attachment) bool {
		own := x.By(a.PersonID)
		return !insider && !x.Public && !own || x.Held && !own && !a.Staff()
	})
}

// Copy lets another matter have what belongs to the text of one, its pictures and files
// and the scans of its seal, because it goes on as that: in the same institution, or in
// another, which does not learn who uploaded them. The contents are not copied, and who
// sees them is as it was.
func (s *Service) Copy(ctx context.Context, tx *store.Tx, from, to, institutionID string) error {
	rows, err := gorm.G[Attachment](tx.Gorm(ctx)).
		Where("matter_id = ? AND assignment_id IS NULL AND part_id IS NULL AND removed_at IS NULL AND purpose IN ?", from, []Purpose{ForMatter, ForScan}).
		Order("id").Limit(maxOfMatter).Find(ctx)
	if err != nil {
		return fmt.Errorf("find what goes along with a matter: %w", err)
	}
	now := s.now()
	for _, x := range rows {
		content := x.content()
		if x.InstitutionID != institutionID {
			x.UploaderID = nil
		}
		x.ID, x.CopyOf, x.InstitutionID, x.MatterID, x.ReferredAt = store.NewID(), &content, institutionID, &to, &now
		tx.Insert(&x)
	}
	return nil
}

// Hold keeps an attachment from all but its uploader and the staff.
func (s *Service) Hold(tx *store.Tx, id string) {
	tx.Exec("UPDATE attachments SET held = ? WHERE id = ? OR copy_of = ?", true, id, id)
}

// Release gives an attachment back to all who may see it.
func (s *Service) Release(tx *store.Tx, id string) {
	tx.Exec("UPDATE attachments SET held = ? WHERE id = ? OR copy_of = ?", false, id, id)
}
