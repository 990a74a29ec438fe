package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"

	"yanlu/internal/attachment"
	"yanlu/internal/audit"
	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// dataOf returns the sheet that the actor uploaded.
func (k *sheetKind) dataOf(ctx context.Context, a member.Actor, id string) ([]byte, error) {
	_, data, err := k.api.files.Read(ctx, a, id)
	if errors.Is(err, attachment.ErrNotFound) {
		return nil, errSheetFile
	}
	return data, err
}

// errDryRun ends the transaction of a preview, so that nothing of it stays.
var errDryRun = errors.New("dry run")

// preview does what a sheet says and takes all of it back: what it reports is
// what would happen.
func (k *sheetKind) preview(ctx context.Context, a member.Actor, x *sheetAction, attachmentID string) (sheetPreviewView, error) {
	data, err := k.dataOf(ctx, a, attachmentID)
	if err != nil {
		return sheetPreviewView{}, err
	}
	v := sheetPreviewView{Rows: []sheetLineView{}, Ignored: []string{}}
	err = k.api.db.Tx(ctx, func(tx *store.Tx) error {
		rows, ignored, err := k.rowsOf(ctx, tx, a, x, data)
		if err != nil {
			return err
		}
		v.Ignored, v.Digest = append(v.Ignored, ignored...), digestOf(a, x, rows)
		if err := k.run(ctx, tx, a, x, rows); err != nil {
			return err
		}
		v.add(x, rows)
		return errDryRun
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return v, err
}

// confirm does what a sheet says, if it still stands for what the preview showed:
// every row, or none.
func (k *sheetKind) confirm(ctx context.Context, tx *store.Tx, a member.Actor, x *sheetAction, in sheetConfirmation) (sheetDoneView, error) {
	data, err := k.dataOf(ctx, a, in.AttachmentID)
	if err != nil {
		return sheetDoneView{}, err
	}
	if x.open != nil {
		if err := matter.LockOpenings(ctx, tx, a.InstitutionID); err != nil {
			return sheetDoneView{}, err
		}
	}
	rows, _, err := k.rowsOf(ctx, tx, a, x, data)
	if err != nil {
		return sheetDoneView{}, err
	}
	if stale, ok := compare(in.Digest, digestOf(a, x, rows), rows); !ok {
		return sheetDoneView{}, errSheetStale.With(stale...)
	}
	if warned := fieldsOfRows(rows, func(r *sheetRow) []sheetProblem { return r.warnings }); len(warned) > 0 && !in.AcceptWarnings {
		return sheetDoneView{}, errSheetWarned.With(warned...)
	}
	if err := k.run(ctx, tx, a, x, rows); err != nil {
		return sheetDoneView{}, err
	}
	if wrong := fieldsOfRows(rows, func(r *sheetRow) []sheetProblem { return r.problems }); len(wrong) > 0 {
		return sheetDoneView{}, errSheetWrong.With(wrong...)
	}
	v := sheetDoneView{Items: []sheetItemView{}}
	for _, r := range rows {
		v.Items = append(v.Items, sheetItemView{r.line, r.state.ID, r.state.Number, r.state.Label})
	}
	return v, nil
}

// run takes the action for each row that has no problem, in its order, with all
// matters locked in the one order that nobody waits for another in. What a row is
// refused for is kept with it, and nothing of that row stays.
func (k *sheetKind) run(ctx context.Context, tx *store.Tx, a member.Actor, x *sheetAction, rows []*sheetRow) error {
	var ids []string
	for _, r := range rows {
		if r.matterID != "" {
			ids = append(ids, r.matterID)
		}
	}
	if len(ids) > 0 {
		if err := matter.Lock(ctx, tx, ids...); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if len(r.problems) > 0 {
			continue
		}
		err := audit.Step(ctx, k.flow.Name, func(ctx context.Context) (string, error) {
			err := tx.Attempt(ctx, func() (err error) {
				if x.open != nil {
					r.state, err = x.open(ctx, tx, a, r.input)
				} else {
					r.state, err = k.act(ctx, tx, a, r.id, x.rule, r.input)
				}
				return err
			})
			return r.state.ID, err
		})
		f := fault.As(err)
		switch {
		case f != nil:
			r.wrong(x.blame(f), f.Message)
		case err != nil:
			return fmt.Errorf("line %d of a sheet: %w", r.line, err)
		}
	}
	return nil
}

// blame is the column that a fault is about, empty where it is about the row.
func (x *sheetAction) blame(f *fault.Fault) string {
	path := map[string]string{
		matter.ErrPaper.Code: "paper.date", matter.ErrPaperSuspended.Code: "paper.person_id", matter.ErrAuthor.Code: "paper.person_id",
		matter.ErrCoAuthor.Code: "co_author_ids",
	}[f.Code]
	return x.columnOf(path)
}

// printed is how many bytes of the fingerprint of each row a digest has: enough
// to say which row is another one now, where the digest as a whole says that one
// is.
const printed = 4

// digestOf names what the rows of a sheet stand for.
func digestOf(a member.Actor, x *sheetAction, rows []*sheetRow) string {
	whole := sha256.New()
	whole.Write([]byte(a.InstitutionID + "\x00" + x.rule.Action + "\x00"))
	var each []byte
	for _, r := range rows {
		one := r.print()
		whole.Write(one[:])
		each = append(each, one[:printed]...)
	}
	return base64.RawURLEncoding.EncodeToString(append(whole.Sum(nil), each...))
}

// compare reports whether two digests are the same, and names the rows in which
// they differ.
func compare(seen, now string, rows []*sheetRow) ([]fault.Field, bool) {
	if subtle.ConstantTimeCompare([]byte(seen), []byte(now)) == 1 {
		return nil, true
	}
	before, err := base64.RawURLEncoding.DecodeString(seen)
	after, _ := base64.RawURLEncoding.DecodeString(now)
	if err != nil || len(before) != len(after) {
		return nil, false // of another sheet
	}
	var stale []fault.Field
	for i, r := range rows {
		at := sha256.Size + i*printed
		if string(before[at:at+printed]) != string(after[at:at+printed]) {
			stale = append(stale, fault.Field{Path: fmt.Sprintf("line[%d]", r.line), Message: fmt.Sprintf("第%d行：%s在预览之后有变动", r.line, r.words)})
		}
	}
	return stale, false
}

// fieldsOfRows lists what there is to say of rows, for a fault.
func fieldsOfRows(rows []*sheetRow, of func(*sheetRow) []sheetProblem) []fault.Field {
	var fields []fault.Field
	for _, r := range rows {
		for _, p := range of(r) {
			where, what := fmt.Sprintf("line[%d]", r.line), fmt.Sprintf("第%d行", r.line)
			if p.Column != "" {
				where, what = where+"."+p.Column, what+"“"+p.Column+"”"
			}
			fields = append(fields, fault.Field{Path: where, Message: what + "：" + p.Message})
		}
	}
	return fields
}
