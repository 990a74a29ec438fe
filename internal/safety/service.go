package safety

import (
	"context"
	"fmt"
	"time"

	"yanlu/internal/institution"
	"yanlu/internal/store"
)

// Pictures is what safety needs of the kept pictures.
type Pictures interface {
	// Address returns where anybody who has it can fetch the picture for a time;
	// empty where this installation cannot be reached from outside.
	Address(attachmentID string, valid time.Duration) string
	// Hold keeps the picture from everybody but staff and who uploaded it, in the
	// transaction; held already, nothing changes.
	Hold(tx *store.Tx, attachmentID string)
	// Release undoes Hold.
	Release(tx *store.Tx, attachmentID string)
}

// Options bound the checks.
type Options struct {
	Batch    int           // checks claimed at once
	Lease    time.Duration // how long a claim holds; one check takes at most half of it
	Patience time.Duration // after which staff are told that something is not checked
}

// Service keeps what is to be checked and what came of it.
type Service struct {
	db       *store.DB
	pictures Pictures
	o        Options
	now      func() time.Time
	sources  []Source
}

// New returns the service, which knows no kind yet.
func New(db *store.DB, pictures Pictures, o Options, now func() time.Time) *Service {
	return &Service{db: db, pictures: pictures, o: o, now: now}
}

// Register adds a kind whose texts and pictures may be checked.
func (s *Service) Register(k Source) { s.sources = append(s.sources, k) }

// Covers reports whether matters of a kind are ever checked.
func (s *Service) Covers(kind string) bool {
	_, ok := s.source(kind)
	return ok
}

func (s *Service) source(kind string) (Source, bool) {
	for _, k := range s.sources {
		if k.Kind == kind {
			return k, true
		}
	}
	return Source{}, false
}

func (k Source) setting() institution.Setting[bool] {
	return institution.Setting[bool]{
		Name: "safety." + k.Kind, Label: k.Label + "的文字和图片交微信检查内容安全", Default: k.Default,
	}
}

// Settings lists what an institution may set: for each kind, whether its texts
// and pictures go to the platform.
func (s *Service) Settings() []institution.AnySetting {
	var all []institution.AnySetting
	for _, k := range s.sources {
		all = append(all, k.setting())
	}
	return all
}

// Handed says what was handed in, on which telephone.
type Handed struct {
	InstitutionID, Kind, MatterID string
	// AccountID is the account of whoever handed it in: the platform checks only
	// for somebody who was in the mini-program within two hours. Without one
	// nothing is queued.
	AccountID string
}

func (s *Service) check(h Handed) (Check, bool) {
	now := s.now()
	_, known := s.source(h.Kind)
	return Check{
		ID: store.NewID(), InstitutionID: h.InstitutionID, Kind: h.Kind, MatterID: h.MatterID, AccountID: h.AccountID, State: Queued,
		Version: 1, NextAt: now, GivesUpAt: now.Add(s.o.Patience), CreatedAt: now,
	}, known && h.AccountID != ""
}

// HandText queues, in the transaction in which a matter's text is handed in,
// that it is to be checked; with again, what was found of the text before no
// longer counts. It reads nothing, so that handing in takes no round trip more:
// whether the institution wants it is looked at before anything is sent. What
// staff typed from paper was read by a person and need not be handed to it. The
// row of the matter comes before.
func (s *Service) HandText(tx *store.Tx, h Handed, again bool) {
	c, wanted := s.check(h)
	if again {
		tx.Exec(`UPDATE checks SET state = 'REPLACED', version = version + 1, done_at = ?
			WHERE matter_id = ? AND attachment_id IS NULL AND state NOT IN ('PASSED', 'REPLACED')`, c.CreatedAt, h.MatterID)
	}
	if wanted {
		tx.Insert(&c)
	}
}

// HandPictures is HandText for the attachments of a matter, of whatever kind,
// that are pictures. One that was handed in before is not checked twice. The
// rows of the matter and of the attachments come before.
func (s *Service) HandPictures(tx *store.Tx, matterID, accountID string, attachmentIDs []string) {
	if accountID == "" {
		return
	}
	now := s.now()
	for _, id := range attachmentIDs {
		tx.Exec(`INSERT INTO checks (id, institution_id, kind, matter_id, attachment_id, account_id, state, suggest, label, trace_id,
			error_code, attempts, version, next_at, gives_up_at, created_at)
			SELECT ?, m.institution_id, m.kind, m.id, a.id, ?, 'QUEUED', '', 0, '', 0, 0, 1, ?, ?, ?
			FROM matters m JOIN attachments a ON a.institution_id = m.institution_id WHERE m.id = ? AND a.id = ? AND a.sort = 'PICTURE'
			ON CONFLICT DO NOTHING`, store.NewID(), accountID, now, now.Add(s.o.Patience), now, matterID, id)
	}
}

// Seen queues what waited for a person to be in the mini-program again.
func (s *Service) Seen(tx *store.Tx, accountID string) {
	tx.Exec("UPDATE checks SET state = 'QUEUED', next_at = ? WHERE account_id = ? AND state = 'ABSENT'", s.now(), accountID)
}

// Tidy deletes what joined pictures to their verdicts and is older than a week,
// at most a thousand.
func (s *Service) Tidy(ctx context.Context) error {
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("DELETE FROM media_traces WHERE trace_id IN (SELECT trace_id FROM media_traces WHERE at < ? LIMIT 1000)", s.now().AddDate(0, 0, -7))
		return nil
	})
	if err != nil {
		return fmt.Errorf("tidy up traces: %w", err)
	}
	return nil
}
