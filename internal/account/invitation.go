package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// invitationLife is how long an invitation may be used.
const invitationLife = 14 * 24 * time.Hour

// invitationLetters leave out what is easily misread on paper: 0 O 1 I L U.
const invitationLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// invitationLength gives 30^10 codes, 49 bits, against ten tries an hour.
const invitationLength = 10

const invitationPurpose = "invitations.code"

const picturePurpose = "invitations.picture"

// MaxInvited is how many people are invited by one call, and how many cards are
// printed by one.
const MaxInvited = 200

// Invite issues an invitation for a person of the actor's own institution and
// returns its code. Earlier invitations of that
// person end. A person who is bound is ErrStillBound, one who is suspended
// ErrNotPossible; see member.MayReplace.
func (s *Service) Invite(ctx context.Context, tx *store.Tx, a member.Actor, personID string) (string, Invitation, error) {
	p, err := s.people.Find(ctx, tx, a, personID)
	if err != nil {
		return "", Invitation{}, err
	}
	if err := member.MayReplace(ctx, tx, a, p.ID, s.now()); err != nil {
		return "", Invitation{}, err
	}
	if p.SuspendedAt != nil {
		return "", Invitation{}, ErrNotPossible
	}
	_, err = gorm.G[Binding](tx.Gorm(ctx)).Where("person_id = ? AND ended_at IS NULL", p.ID).First(ctx)
	if err == nil {
		return "", Invitation{}, ErrStillBound
	}
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return "", Invitation{}, fmt.Errorf("look for a binding: %w", err)
	}
	s.endInvitations(tx, p.ID)
	code, inv, err := s.newInvitation(a, p.ID)
	if err != nil {
		return "", Invitation{}, err
	}
	tx.Insert(&inv)
	return code, inv, nil
}

func (s *Service) newInvitation(a member.Actor, personID string) (string, Invitation, error) {
	id, now, code := store.NewID(), s.now(), newInvitationCode()
	sealed, err := s.keeper.Seal(code, invitationPurpose+":"+id)
	if err != nil {
		return "", Invitation{}, fmt.Errorf("seal an invitation: %w", err)
	}
	return code, Invitation{
		ID: id, InstitutionID: a.InstitutionID, PersonID: personID, CodeDigest: s.keeper.Digest(invitationPurpose, code), CodeSealed: sealed,
		CreatedBy: a.PersonID, CreatedAt: now, ExpiresAt: now.Add(invitationLife),
	}, nil
}

// endInvitations ends what is open for a person: a code that lies about must
// not open the door after another has been used, or a telephone lost.
func (s *Service) endInvitations(tx *store.Tx, people ...string) {
	now := s.now()
	tx.Exec("UPDATE invitations SET expires_at = ?, code_sealed = NULL, picture_sealed = NULL WHERE person_id IN ? AND used_at IS NULL AND expires_at > ?", now, people, now)
}

func newInvitationCode() string {
	b := make([]byte, 0, invitationLength)
	one := make([]byte, 1)
	for len(b) < invitationLength {
		_, _ = rand.Read(one)
		if n := int(one[0]); n < len(invitationLetters)*(256/len(invitationLetters)) { // even odds
			b = append(b, invitationLetters[n%len(invitationLetters)])
		}
	}
	return string(b)
}

// Wish says whom to invite: people by their identifiers, or everybody of a group
// or a role who is not bound, not suspended and has no live invitation.
type Wish struct {
	People []string // at most MaxInvited
	Group  string
	Role   member.Role
}

// Skip says why somebody was not invited.
type Skip string

// The reasons.
const (
	SkipBound     Skip = "BOUND"     // is bound already
	SkipSuspended Skip = "SUSPENDED" // must be restored first
	SkipLive      Skip = "LIVE"      // has an invitation that still works: its card stays good
	SkipNotFound  Skip = "NOT_FOUND" // not on this roster
	// SkipAdministrator is an administrator whom only an administrator invites.
	SkipAdministrator Skip = "ADMINISTRATOR"
)

// Candidate is a person who was to be invited.
type Candidate struct {
	ID, Name     string
	Suspended    bool
	Bound, Live  bool
	Guarded      bool   // an administrator, where the actor is none
	Skipped      Skip   // empty: invited
	InvitationID string // where invited
	ExpiresAt    time.Time
}

// InviteMany invites up to MaxInvited people of the actor's institution and says
// of each named one what became of it. More tells that there are others of the
// group or role: the next call goes on with them. The codes are not returned;
// they are on the cards. A wish that names nobody is ErrNobody.
func (s *Service) InviteMany(ctx context.Context, tx *store.Tx, a member.Actor, w Wish) (people []Candidate, more bool, err error) {
	if len(w.People) == 0 && w.Group == "" && w.Role == "" || len(w.People) > MaxInvited {
		return nil, false, ErrNobody
	}
	if people, err = s.candidates(ctx, tx, a, w); err != nil {
		return nil, false, fmt.Errorf("find whom to invite: %w", err)
	}
	if len(people) > MaxInvited {
		people, more = people[:MaxInvited], true
	}
	var invited []string
	var rows []*Invitation
	for i := range people {
		p := &people[i]
		switch {
		case p.Guarded:
			p.Skipped = SkipAdministrator
		case p.Bound:
			p.Skipped = SkipBound
		case p.Suspended:
			p.Skipped = SkipSuspended
		case p.Live:
			p.Skipped = SkipLive
		default:
			_, inv, err := s.newInvitation(a, p.ID)
			if err != nil {
				return nil, false, err
			}
			p.InvitationID, p.ExpiresAt = inv.ID, inv.ExpiresAt
			invited, rows = append(invited, p.ID), append(rows, &inv)
		}
	}
	if len(invited) > 0 {
		s.endInvitations(tx, invited...) // of a twin that was faster
		for _, r := range rows {
			tx.Insert(r)
		}
	}
	for _, id := range w.People {
		if !slices.ContainsFunc(people, func(p Candidate) bool { return p.ID == id }) {
			people = append(people, Candidate{ID: id, Skipped: SkipNotFound})
		}
	}
	return people, more, nil
}

func (s *Service) candidates(ctx context.Context, tx *store.Tx, a member.Actor, w Wish) ([]Candidate, error) {
	now := s.now()
	const bound = "EXISTS (SELECT 1 FROM bindings b WHERE b.person_id = p.id AND b.ended_at IS NULL)"
	const live = "EXISTS (SELECT 1 FROM invitations i WHERE i.person_id = p.id AND i.used_at IS NULL AND i.expires_at > ?)"
	guarded, guards := guardedFrom(a, now)
	q := tx.Gorm(ctx).Table("people AS p").
		Select("p.id, p.name, p.suspended_at IS NOT NULL AS suspended, "+bound+" AS bound, "+live+" AS live, "+guarded+" AS guarded", append([]any{now}, guards...)...).
		Where("p.institution_id = ?", a.InstitutionID)
	if len(w.People) > 0 {
		q = q.Where("p.id IN ?", append([]string{store.NewID()}, slices.DeleteFunc(slices.Clone(w.People), func(id string) bool { return !store.IsID(id) })...))
	} else {
		q = q.Where("p.suspended_at IS NULL AND NOT "+bound+" AND NOT "+live, now).Where("NOT "+guarded, guards...)
		if w.Group != "" {
			q = q.Where("p.group_name = ?", w.Group)
		}
		if w.Role != "" {
			today := calendar.Of(now)
			q = q.Where("EXISTS (SELECT 1 FROM appointments x WHERE x.person_id = p.id AND x.role = ? AND x.begins <= ? AND (x.ends IS NULL OR x.ends >= ?))", w.Role, today, today)
		}
	}
	var people []Candidate
	return people, q.Order("p.id").Limit(MaxInvited + 1).Scan(&people).Error
}

// guardedFrom is a condition on the person p, with its arguments: an
// administrator whose code is not for the actor to see, by member.MayReplace.
func guardedFrom(a member.Actor, now time.Time) (string, []any) {
	if a.Is(member.PlatformAdmin) {
		return "(1 = 0)", nil
	}
	return member.Administrates("p.id", calendar.Of(now))
}

// InvitationState is where an invitation stands.
type InvitationState string

// The states.
const (
	Issued  InvitationState = "ISSUED"  // its code works
	Used    InvitationState = "USED"    // somebody bound with it
	Expired InvitationState = "EXPIRED" // out of date, revoked, or followed by a newer one
)

// Issue is an invitation with the person that it is for.
type Issue struct {
	ID, PersonID, Name, GroupName string
	CreatedAt, ExpiresAt          time.Time
	UsedAt                        *time.Time
	State                         InvitationState `gorm:"-"`
	Position                      string
	CodeSealed, PictureSealed     []byte
	Code                          string `gorm:"-"`
	Picture                       []byte `gorm:"-"`
}

const issueColumns = "i.id, i.person_id, p.name, p.group_name, p.position, i.created_at, i.expires_at, i.used_at"

func (s *Service) issues(ctx context.Context, c store.Conn, a member.Actor, columns string, args ...any) *gorm.DB {
	return c.Gorm(ctx).Table("invitations AS i").Select(columns, args...).
		Joins("JOIN people p ON p.institution_id = i.institution_id AND p.id = i.person_id").Where("i.institution_id = ?", a.InstitutionID)
}

func (s *Service) state(x Issue, now time.Time) InvitationState {
	switch {
	case x.UsedAt != nil:
		return Used
	case now.Before(x.ExpiresAt):
		return Issued
	}
	return Expired
}

// Invitations lists up to limit invitations of the actor's institution, the
// newest first, older than the one before; state narrows them where it is not
// empty. They come without code and picture.
func (s *Service) Invitations(ctx context.Context, a member.Actor, state InvitationState, before string, limit int) ([]Issue, error) {
	now := s.now()
	q := s.issues(ctx, s.db, a, issueColumns)
	switch state {
	case Issued:
		q = q.Where("i.used_at IS NULL AND i.expires_at > ?", now)
	case Used:
		q = q.Where("i.used_at IS NOT NULL")
	case Expired:
		q = q.Where("i.used_at IS NULL AND i.expires_at <= ?", now)
	}
	if before != "" {
		q = q.Where("i.id < ?", before)
	}
	var rows []Issue
	if err := q.Order("i.id DESC").Limit(limit).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	for i := range rows {
		rows[i].State = s.state(rows[i], now)
	}
	return rows, nil
}

// Invitation returns one invitation of the actor's institution, with its code
// while it lives and is for the actor to see: that of an administrator is for
// administrators, see member.MayReplace. Another's is ErrNotFound.
func (s *Service) Invitation(ctx context.Context, a member.Actor, id string) (Issue, error) {
	return s.invitation(ctx, s.db, a, id)
}

func (s *Service) invitation(ctx context.Context, c store.Conn, a member.Actor, id string) (Issue, error) {
	var rows []Issue
	guarded, args := guardedFrom(a, s.now())
	code := ", CASE WHEN " + guarded + " THEN NULL ELSE i.code_sealed END AS code_sealed"
	if err := s.issues(ctx, c, a, issueColumns+code, args...).Where("i.id = ?", id).Scan(&rows).Error; err != nil {
		return Issue{}, fmt.Errorf("find an invitation: %w", err)
	}
	if len(rows) == 0 {
		return Issue{}, ErrNotFound
	}
	x := rows[0]
	if x.State = s.state(x, s.now()); x.State != Issued || len(x.CodeSealed) == 0 {
		return x, nil
	}
	var err error
	if x.Code, err = s.keeper.Open(x.CodeSealed, invitationPurpose+":"+x.ID); err != nil {
		return Issue{}, fmt.Errorf("open the invitation %s: %w", x.ID, err)
	}
	return x, nil
}

// Revoke ends an invitation of the actor's institution: its code works no more.
// One that is used or over is ErrOver, another's ErrNotFound; see
// member.MayReplace.
func (s *Service) Revoke(ctx context.Context, tx *store.Tx, a member.Actor, id string) error {
	now := s.now()
	x, err := s.invitation(ctx, tx, a, id)
	if err != nil {
		return err
	}
	if err := member.MayReplace(ctx, tx, a, x.PersonID, now); err != nil {
		return err
	}
	r := tx.Gorm(ctx).Exec(`UPDATE invitations SET expires_at = ?, code_sealed = NULL, picture_sealed = NULL
		WHERE institution_id = ? AND id = ? AND used_at IS NULL AND expires_at > ?`, now, a.InstitutionID, id, now)
	if r.Error != nil {
		return fmt.Errorf("revoke an invitation: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return ErrOver
	}
	return nil
}
