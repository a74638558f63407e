"""Reference values of linear probes, by scikit-learn: python probes.py > probes/probes.json"""
import json, sys
import numpy as np
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import NearestCentroid


def case(n, d, seed, apart, folds):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    direction = rng.normal(size=d) / np.sqrt(d)
    x = (rng.normal(size=(n, d)) * rng.uniform(0.2, 3, d) + apart * np.outer(labels, direction) + 5).astype(np.float32)
    targets = np.round(x.astype(float) @ direction * 3 + rng.normal(size=n), 3)
    split = KFold(folds)
    xd = x.astype(float)
    logistic = lambda: LogisticRegression(C=1.0, tol=1e-10, max_iter=100000, solver="newton-cholesky" if d < n else "lbfgs")
    scores = cross_val_predict(logistic(), xd, labels, cv=split, method="decision_function")
    whole = logistic().fit(xd, labels)
    apart_scores = np.empty(n)
    for train, held in split.split(xd):
        m0, m1 = xd[train][labels[train] == 0].mean(0), xd[train][labels[train] == 1].mean(0)
        apart_scores[held] = (xd[held] - (m0 + m1) / 2) @ (m1 - m0)
    predicted = cross_val_predict(Ridge(alpha=1.0), xd, targets, cv=split)
    pca = PCA(2, svd_solver="full").fit(xd)
    a, b = apart_scores[labels == 0], apart_scores[labels == 1]
    return {"n": n, "d": d, "folds": folds, "x": [round(float(v), 7) for v in x.ravel()], "labels": labels.tolist(), "targets": targets.tolist(),
            "logistic": {"scores": scores.tolist(), "accuracy": accuracy_score(labels, scores > 0), "auc": roc_auc_score(labels, scores),
                         "coefficients": whole.coef_[0].tolist()},
            "difference": {"accuracy": accuracy_score(labels, cross_val_predict(NearestCentroid(), xd, labels, cv=split)),
                           "auc": roc_auc_score(labels, apart_scores), "scores": apart_scores.tolist(),
                           "separation": (b.mean() - a.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)},
            "ridge": {"predicted": predicted.tolist(), "r2": r2_score(targets, predicted), "spearman": spearmanr(targets, predicted).statistic},
            "pca": {"places": pca.transform(xd).tolist(), "explained": pca.explained_variance_ratio_.tolist()}}


print(json.dumps([case(37, 6, 1, 1.0, 5), case(24, 40, 2, 2.0, 4), case(60, 12, 3, 0.0, 3)]))
